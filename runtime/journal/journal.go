package journal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"
)

// journal holds what controllers have written: first the pipeline's config, then the updates in their order.
//
// A record is its length (uvarint), its kind (one byte) and a message. An incomplete last record is what
// a crash leaves, and zeros to the end what the machine's crash does; it was never answered, and is cut off.
type journal struct {
	path string
	sync bool // what is written is on the disk before anybody is answered
	file *os.File
	size int64 // of what was appended since the journal was last written anew
}

const (
	recordConfig byte = 'c' // p4.v1.ForwardingPipelineConfig
	recordUpdate byte = 'u' // p4.v1.Update

	// maxRecord bounds what is believed of a record's length, in bytes.
	maxRecord = 256 << 20
	// maxJournal is how long a journal may grow beyond what it was when it was last written anew.
	maxJournal = 64 << 20
)

// readJournal returns what a journal holds. Without a file it holds
// nothing.
func readJournal(path string) (cfg *p4.ForwardingPipelineConfig, updates []*p4.Update, err error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	defer file.Close()
	cfg, updates, _, err = parseJournal(file)
	if err != nil {
		return nil, nil, fmt.Errorf("journal %s: %w; remove it to begin without rules", path, err)
	}
	return cfg, updates, nil
}

// parseJournal also says how many bytes are complete.
func parseJournal(from io.Reader) (cfg *p4.ForwardingPipelineConfig, updates []*p4.Update, complete int64, err error) {
	r := bufio.NewReader(from)
	for {
		record, size, err := readRecord(r)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || cfg != nil && errors.Is(err, errNoLength) && onlyZeros(r):
			return cfg, updates, complete, nil
		case err != nil:
			return nil, nil, 0, fmt.Errorf("at byte %d: %w", complete, err)
		}
		if cfg != nil && len(bytes.Trim(record, "\x00")) == 0 && onlyZeros(r) {
			return cfg, updates, complete, nil
		}
		switch kind := record[0]; kind {
		case recordConfig:
			cfg, updates = new(p4.ForwardingPipelineConfig), nil
			err = proto.Unmarshal(record[1:], cfg)
		case recordUpdate:
			u := new(p4.Update)
			err = proto.Unmarshal(record[1:], u)
			updates = append(updates, u)
			if cfg == nil {
				err = errors.New("an update before any config")
			}
		default:
			err = fmt.Errorf("a record of unknown kind 0x%02x", kind)
		}
		if err != nil {
			return nil, nil, 0, fmt.Errorf("at byte %d: %w", complete, err)
		}
		complete += size
	}
}

var errNoLength = fmt.Errorf("a record of 0 bytes; they have 1 to %d", maxRecord)

// onlyZeros says whether what follows is nothing else: room that a file system gave to a write that never came.
func onlyZeros(r *bufio.Reader) bool {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		if b != 0 {
			return false
		}
	}
}

// readRecord returns kind and message of one record, and how long it is in the file.
func readRecord(r *bufio.Reader) ([]byte, int64, error) {
	length, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, 0, err
	}
	if length == 0 {
		return nil, 0, errNoLength
	}
	if length > maxRecord {
		return nil, 0, fmt.Errorf("a record of %d bytes; they have 1 to %d", length, maxRecord)
	}
	// No more is allocated than is there.
	record, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err != nil {
		return nil, 0, err
	}
	if uint64(len(record)) < length {
		return nil, 0, io.ErrUnexpectedEOF
	}
	return record, int64(len(binary.AppendUvarint(nil, length))) + int64(length), nil
}

func appendRecord(b []byte, kind byte, m proto.Message) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(1+proto.Size(m)))
	return proto.MarshalOptions{}.MarshalAppend(append(b, kind), m)
}

// rewrite makes the journal hold this and nothing else.
func (j *journal) rewrite(cfg *p4.ForwardingPipelineConfig, updates []*p4.Update) error {
	// Always by one name, so that agents that are killed here leave one file at most.
	name := j.path + ".new"
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("journal: %w", err)
	}
	fresh, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer os.Remove(fresh.Name()) // in vain if all goes well
	b, err := appendRecord(nil, recordConfig, cfg)
	for _, u := range updates {
		if err == nil {
			b, err = appendRecord(b, recordUpdate, u)
		}
	}
	if err == nil {
		_, err = fresh.Write(b)
	}
	if err == nil && j.sync {
		err = fresh.Sync()
	}
	if err == nil {
		err = os.Rename(fresh.Name(), j.path)
	}
	if err == nil && j.sync {
		err = syncFolder(filepath.Dir(j.path))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("journal %s: %w", j.path, err), fresh.Close())
	}
	j.close()
	j.file, j.size = fresh, 0
	return nil
}

// write appends updates. After an error the journal is without them.
func (j *journal) write(updates []*p4.Update) error {
	var b []byte
	var err error
	for _, u := range updates {
		if b, err = appendRecord(b, recordUpdate, u); err != nil {
			return fmt.Errorf("journal %s: %w", j.path, err)
		}
	}
	n, err := j.file.Write(b)
	if err == nil && j.sync {
		err = j.file.Sync()
	}
	if err != nil {
		at, _ := j.file.Seek(0, io.SeekCurrent)
		_ = j.file.Truncate(at - int64(n))
		_, _ = j.file.Seek(at-int64(n), io.SeekStart)
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	j.size += int64(n)
	return nil
}

// syncFolder makes sure that a file's new name is on the disk.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (j *journal) close() {
	if j.file != nil {
		_ = j.file.Close() // nothing waits to be written
		j.file = nil
	}
}

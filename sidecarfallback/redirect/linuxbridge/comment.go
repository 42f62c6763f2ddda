package linuxbridge

import "strings"

// maxComment bounds a rule's comment, in bytes, as the nft program does.
const maxComment = 127

// commentType marks a comment in a rule's user data, as the nft program reads
// it: 8-bit type, 8-bit length, and the text with a closing zero.
const commentType = 0

func commentData(comment string) []byte {
	return append(append([]byte{commentType, byte(len(comment) + 1)}, comment...), 0)
}

// commentOf finds the comment in a rule's user data; empty if there is none.
func commentOf(data []byte) string {
	for len(data) >= 2 && len(data) >= 2+int(data[1]) {
		value := data[2 : 2+int(data[1])]
		if data[0] == commentType {
			return strings.TrimSuffix(string(value), "\x00")
		}
		data = data[2+len(value):]
	}
	return ""
}

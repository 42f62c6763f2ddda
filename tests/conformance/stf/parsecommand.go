package stf

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// shape of a command's arguments: o is an object's name, n a number, m one number or
// more, v a value, r rates.
var shapes = map[string]string{
	"mirroring_add": "nn", "mirroring_add_mc": "nn", "mirroring_delete": "n", "mirroring_get": "n",
	"mc_mgrp_create": "n", "mc_node_create": "nm", "mc_node_update": "nm", "mc_node_associate": "nn",
	"counter_read": "on", "counter_write": "onnn",
	"register_read": "on", "register_write": "onv", "register_reset": "o",
	"meter_get_rates": "on", "meter_set_rates": "onr", "meter_array_set_rates": "or",
}

func parseCommand(name string, words []string) (*Command, error) {
	shape, ok := shapes[name]
	if !ok {
		return nil, errors.New("no such statement; there are packet, expect, no_packet, add, setdefault, remove, check_counter, wait, mirroring_*, mc_*, counter_*, register_* and meter_*")
	}
	c := &Command{Name: name}
	for i, kind := range shape {
		if len(words) == 0 {
			return nil, fmt.Errorf("argument %d is missing", i+1)
		}
		var err error
		switch kind {
		case 'o':
			c.Object = unquote(words[0])
		case 'n':
			err = c.number(words[0])
		case 'v':
			c.Value, err = parseValue(words[0])
		case 'm':
			for err == nil && len(words) > 1 {
				err = c.number(words[0])
				words = words[1:]
			}
			if err == nil {
				err = c.number(words[0])
			}
		case 'r':
			for err == nil && len(words) > 1 {
				err = c.rate(words[0])
				words = words[1:]
			}
			if err == nil {
				err = c.rate(words[0])
			}
		}
		if err != nil {
			return nil, err
		}
		words = words[1:]
	}
	if len(words) > 0 {
		return nil, fmt.Errorf("%q is one argument too many", words[0])
	}
	return c, nil
}

func (c *Command) number(text string) error {
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return fmt.Errorf("%q: want a number of at most 64 bits", text)
	}
	c.Numbers = append(c.Numbers, n)
	return nil
}

func (c *Command) rate(text string) error {
	rate, burst, ok := strings.Cut(text, ":")
	r, err := strconv.ParseFloat(rate, 64)
	b, err2 := strconv.ParseUint(burst, 10, 63)
	if !ok || err != nil || err2 != nil || r < 0 || math.IsInf(r, 0) || math.IsNaN(r) {
		return fmt.Errorf("%q: want RATE:BURST, units per microsecond and units", text)
	}
	c.Rates = append(c.Rates, Rate{r, b})
	return nil
}

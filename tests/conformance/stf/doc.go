// Package stf reads the simple test framework's language, in which the P4 compiler's
// own tests say which packets go in and which come out.
//
// In: the text of a .stf file. Out: its statements, in order ([Parse]), and the
// comparison of a frame with a pattern ([Pattern.Match]).
//
// The package does not know tables, programs or switches: names and numbers stay as
// they are written, but for what the language itself says of them.
//
// # The language
//
// One statement a line; # starts a comment; keywords are case-blind.
//
//	packet PORT HEX…                          a frame goes in
//	expect PORT [PATTERN…] [$]                a frame comes out; * is any digit, and $ says that
//	                                          nothing may follow (without it anything may)
//	no_packet                                 nothing more comes out than what is expected
//	add TABLE [PRIORITY] KEY:VALUE… ACTION(ARG:VALUE, …) [= LABEL]
//	setdefault TABLE ACTION(ARG:VALUE, …)
//	remove all                                every entry of every table
//	check_counter NAME(INDEX or $LABEL) [packets|bytes ==|!=|<|<=|>|>= NUMBER]
//	wait                                      until the packets so far are done
//	mirroring_add SESSION PORT, mirroring_add_mc SESSION GROUP, mirroring_delete SESSION, mirroring_get SESSION
//	mc_mgrp_create GROUP, mc_node_create RID PORT…, mc_node_update NODE PORT…, mc_node_associate GROUP NODE
//	counter_read NAME INDEX, counter_write NAME INDEX PACKETS BYTES
//	register_read NAME INDEX, register_write NAME INDEX VALUE, register_reset NAME
//	meter_get_rates NAME INDEX, meter_set_rates NAME INDEX RATE:BURST RATE:BURST
//	meter_array_set_rates NAME RATE:BURST RATE:BURST
//
// A value is decimal, 0x…, 0o… or 0b…, with * for digits that do not matter, or
// VALUE/LENGTH. Rates are per microsecond. Larger priorities win. Nodes are numbered
// from 0 in the order of their mc_node_create.
package stf

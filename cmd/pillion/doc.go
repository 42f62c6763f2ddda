// Command pillion compiles policies into P4Runtime entities, shows what a change does to them, pushes them
// to switches, and proves them with packets.
//
// One file per subcommand, and no logic: arguments in, a package's entry function, results out.
// Data goes to stdout; errors, warnings and progress go to stderr, progress only when that is a terminal.
//
// Exit codes: 0 done, 1 the answer is no (errors in the input, a difference, a target that failed),
// 2 trouble (wrong usage, files that cannot be read).
package main

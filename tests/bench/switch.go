package main

func benchSwitch(t *table) error { return inProcess(t) }

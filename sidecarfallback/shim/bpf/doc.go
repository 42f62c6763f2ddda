// Package bpf holds the shim's data plane: its source in C, the objects that clang made of it for both
// byte orders, and what loads them.
//
// In: nothing. Out: [LoadShim] and the types of the maps' keys and values. Which entity becomes
// which map element is not known here.
//
// The objects are made again by `go generate`, which needs clang, llvm-strip and libbpf's headers. A
// test fails while they belong to another source.
package bpf

//go:generate sh -c "go run github.com/cilium/ebpf/cmd/bpf2go -go-package bpf -type rule -type edge -type member -target bpfel,bpfeb -cc clang -strip llvm-strip Shim shim.c -- -O2 -g -Wall -Werror -mcpu=v3 -I/usr/include/$(uname -m)-linux-gnu && sha256sum *.c *.h > shim.sha256"

// Peer speaks the bundles of the Go client (sigstore/model-signing) with Go's standard library alone: it writes them in that client's
// form, and verifies anybody's signature and chain. It is no client: nothing here was taken from one, and no release of that client
// can be installed by its name. What the form is was read in its sources; see bundle.go. Where ../run is given a build of that client, that one
// takes part as well.
//
//	peer sign --key KEY --output BUNDLE [--certificate LEAF] [--chain PEM]... [--ignore PATH]... [--shard-size N] [--pure] MODEL
//	peer verify [--public-key PEM]... [--trust PEM]... BUNDLE...    a line per bundle: ok or FAIL, the bundle, the algorithm or why
//	peer pae BUNDLE                                                 the bytes that its signature is over
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("sign, verify or pae"))
	}
	words, operands, err := parse(os.Args[2:])
	fail(err)
	switch os.Args[1] {
	case "sign":
		fail(sign(words, operands))
	case "verify":
		if !verifyAll(words, operands) {
			os.Exit(1)
		}
	case "pae":
		fail(printPAE(operands))
	default:
		fail(fmt.Errorf("unknown command %s", os.Args[1]))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(2)
	}
}

// options holds the values of each option in the order given; those of a switch are one empty text.
type options map[string][]string

func (o options) one(name string) string {
	if len(o[name]) == 0 {
		return ""
	}
	return o[name][0]
}

func (o options) number(name string) (int64, error) {
	if len(o[name]) == 0 {
		return 0, nil
	}
	return strconv.ParseInt(o[name][0], 10, 64)
}

func parse(arguments []string) (options, []string, error) {
	words := options{}
	for i := 0; i < len(arguments); i++ {
		switch word := arguments[i]; word {
		case "--pure":
			words[word] = []string{""}
		case "--key", "--output", "--certificate", "--chain", "--ignore", "--shard-size", "--public-key", "--trust":
			i++
			if i == len(arguments) {
				return nil, nil, fmt.Errorf("%s wants a value", word)
			}
			words[word] = append(words[word], arguments[i])
		default:
			return words, arguments[i:], nil
		}
	}
	return words, nil, nil
}

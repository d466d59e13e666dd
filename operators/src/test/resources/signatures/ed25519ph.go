// Signs standard input with Ed25519ph, which openssl 3.0 does not have: ed25519ph KEY.pem CONTEXT.
package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"os"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	check(err)
	message, err := io.ReadAll(os.Stdin)
	check(err)
	digest := sha512.Sum512(message)
	options := &ed25519.Options{Hash: crypto.SHA512, Context: os.Args[2]}
	signature, err := key.(ed25519.PrivateKey).Sign(nil, digest[:], options)
	check(err)
	_, err = os.Stdout.Write(signature)
	check(err)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

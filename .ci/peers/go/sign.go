package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

func sign(words options, operands []string) error {
	if len(operands) != 1 {
		return fmt.Errorf("one model, not %d", len(operands))
	}
	size, err := words.number("--shard-size")
	if err != nil {
		return err
	}
	how := serialization{append(words["--ignore"], gitPaths...), size}
	listed, err := read(operands[0], how)
	if err != nil {
		return err
	}
	model, err := filepath.Abs(operands[0])
	if err != nil {
		return err
	}
	blocks, err := pemBlocks(words.one("--key"))
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(blocks[0])
	if err != nil {
		return err
	}
	signer := key.(crypto.Signer)
	payload := statement(filepath.Base(model), listed, how)
	_, pure := words["--pure"]
	signature, err := signWith(signer, pae(payload), pure)
	if err != nil {
		return err
	}
	var certificates [][]byte
	if leaf := words.one("--certificate"); leaf != "" {
		for _, file := range append([]string{leaf}, words["--chain"]...) {
			blocks, err := pemBlocks(file)
			if err != nil {
				return err
			}
			certificates = append(certificates, blocks...)
		}
	}
	hint, err := hintOf(signer.Public())
	if err != nil {
		return err
	}
	bundle, err := bundleOf(payload, signature, hint, certificates)
	if err != nil {
		return err
	}
	return os.WriteFile(words.one("--output"), bundle, 0o644)
}

// signWith signs as that client does (pkg/signing/key_algorithm.go of v0.0.1 to v0.0.3): an Ed25519 key gives Ed25519ph under every
// method. `pure` is a form that none of its releases writes or verifies; it is for the checks that ours reads it and this program does not.
func signWith(signer crypto.Signer, message []byte, pure bool) ([]byte, error) {
	hash := crypto.SHA256
	switch key := signer.Public().(type) {
	case *ecdsa.PublicKey:
		hash = ecdsaHash(key)
	case ed25519.PublicKey:
		if pure {
			return signer.Sign(rand.Reader, message, crypto.Hash(0))
		}
		hash = crypto.SHA512
	}
	return signer.Sign(rand.Reader, digestOf(hash, message), hash)
}

func ecdsaHash(key *ecdsa.PublicKey) crypto.Hash {
	switch key.Curve {
	case elliptic.P384():
		return crypto.SHA384
	case elliptic.P521():
		return crypto.SHA512
	}
	return crypto.SHA256
}

func digestOf(hash crypto.Hash, message []byte) []byte {
	state := hash.New()
	state.Write(message)
	return state.Sum(nil)
}

// hintOf is the SHA-256 of a key's PEM, in hex.
func hintOf(key any) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return hex.EncodeToString(digest[:]), nil
}

func pemBlocks(file string) ([][]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var blocks [][]byte
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		blocks = append(blocks, block.Bytes)
	}
	if len(blocks) == 0 {
		return nil, fmt.Errorf("no PEM in %s", file)
	}
	return blocks, nil
}

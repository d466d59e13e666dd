package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// The form: protojson prints the statement and the bundle on one line, fields in the order of their declaration, the keys of a map
// (which the predicate is) by name, unset fields not at all (so no tlogEntries and no keyid), and, as a build of it happens to
// choose, a space after each comma. A certificate stands alone as `certificate`. Only with --certificate-chain does that client
// read its own bundle again, put an x509CertificateChain in its place, and print all with sorted keys and an indentation of two.

const (
	mediaType   = "application/vnd.dev.sigstore.bundle.v0.3+json"
	payloadType = "application/vnd.in-toto+json"
)

func statement(name string, listed []resource, how serialization) []byte {
	resources := make([]string, len(listed))
	for i, one := range listed {
		resources[i] = object(
			"algorithm", quote(how.algorithm()),
			"digest", quote(hex.EncodeToString(one.digest[:])),
			"name", quote(one.name))
	}
	paths := make([]string, len(how.ignored))
	for i, path := range how.ignored {
		paths[i] = quote(path)
	}
	fields := []string{"allow_symlinks", "false", "hash_type", quote("sha256"), "ignore_paths", array(paths)}
	if how.shardSize == 0 {
		fields = append(fields, "method", quote("files"))
	} else {
		fields = append(fields, "method", quote("shards"), "shard_size", fmt.Sprint(how.shardSize))
	}
	subject := object("name", quote(name), "digest", object("sha256", quote(rootDigest(listed))))
	return []byte(object(
		"_type", quote("https://in-toto.io/Statement/v1"),
		"subject", array([]string{subject}),
		"predicateType", quote("https://model_signing/signature/v1.0"),
		"predicate", object("resources", array(resources), "serialization", object(fields...))))
}

// bundleOf prints a bundle. The certificates are in DER, the leaf first; without one, the hint names the key.
func bundleOf(payload, signature []byte, hint string, certificates [][]byte) ([]byte, error) {
	switch len(certificates) {
	case 0:
		return envelope(object("publicKey", object("hint", quote(hint))), payload, signature), nil
	case 1:
		return envelope(object("certificate", object("rawBytes", encode(certificates[0]))), payload, signature), nil
	}
	var raw map[string]any
	if err := json.Unmarshal(envelope(object(), payload, signature), &raw); err != nil {
		return nil, err
	}
	chain := make([]any, len(certificates))
	for i, der := range certificates {
		chain[i] = map[string]any{"rawBytes": der}
	}
	raw["verificationMaterial"] = map[string]any{
		"x509CertificateChain": map[string]any{"certificates": chain},
	}
	return json.MarshalIndent(raw, "", "  ")
}

func envelope(material string, payload, signature []byte) []byte {
	return []byte(object(
		"mediaType", quote(mediaType),
		"verificationMaterial", material,
		"dsseEnvelope", object(
			"payload", encode(payload),
			"payloadType", quote(payloadType),
			"signatures", array([]string{object("sig", encode(signature))}))))
}

func pae(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// object prints names and printed values, by turns.
func object(fields ...string) string {
	parts := make([]string, 0, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		parts = append(parts, quote(fields[i])+":"+fields[i+1])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func array(values []string) string {
	return "[" + strings.Join(values, ", ") + "]"
}

func encode(content []byte) string {
	return quote(base64.StdEncoding.EncodeToString(content))
}

func quote(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a text can always be written
	}
	return strings.TrimSuffix(out.String(), "\n")
}

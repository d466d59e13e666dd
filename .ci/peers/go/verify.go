package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

type read64 struct {
	RawBytes []byte `json:"rawBytes"`
}

type bundleJSON struct {
	MediaType string `json:"mediaType"`
	Material  struct {
		PublicKey   *struct{ Hint string } `json:"publicKey"`
		Certificate *read64                `json:"certificate"`
		Chain       *struct {
			Certificates []read64 `json:"certificates"`
		} `json:"x509CertificateChain"`
	} `json:"verificationMaterial"`
	Envelope struct {
		Payload     []byte `json:"payload"`
		PayloadType string `json:"payloadType"`
		Signatures  []struct {
			Sig []byte `json:"sig"`
		} `json:"signatures"`
	} `json:"dsseEnvelope"`
}

type statementJSON struct {
	Type    string `json:"_type"`
	Subject []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	PredicateType string `json:"predicateType"`
	Predicate     struct {
		Resources []struct {
			Digest string `json:"digest"`
		} `json:"resources"`
	} `json:"predicate"`
}

// trusted is what the caller relies on.
type trusted struct {
	keys         map[string]any // by hint
	roots, other *x509.CertPool
}

func verifyAll(words options, bundles []string) bool {
	trust, err := loadTrust(words)
	fail(err)
	good := len(bundles) > 0
	for _, bundle := range bundles {
		algorithm, err := verify(bundle, trust)
		if err != nil {
			good = false
			fmt.Printf("FAIL\t%s\t%v\n", bundle, err)
			continue
		}
		fmt.Printf("ok\t%s\t%s\n", bundle, algorithm)
	}
	return good
}

func loadTrust(words options) (*trusted, error) {
	trust := &trusted{map[string]any{}, x509.NewCertPool(), x509.NewCertPool()}
	for _, file := range words["--public-key"] {
		blocks, err := pemBlocks(file)
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKIXPublicKey(blocks[0])
		if err != nil {
			return nil, err
		}
		hint, err := hintOf(key)
		if err != nil {
			return nil, err
		}
		trust.keys[hint] = key
	}
	for _, file := range words["--trust"] {
		blocks, err := pemBlocks(file)
		if err != nil {
			return nil, err
		}
		for _, der := range blocks {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, err
			}
			if certificate.CheckSignatureFrom(certificate) == nil {
				trust.roots.AddCert(certificate)
			} else {
				trust.other.AddCert(certificate)
			}
		}
	}
	return trust, nil
}

// verify checks the signature, the chain at the present time, and that the root digest is over the resources.
func verify(file string, trust *trusted) (string, error) {
	bundle, err := load(file)
	if err != nil {
		return "", err
	}
	key, err := signerOf(bundle, trust)
	if err != nil {
		return "", err
	}
	envelope := bundle.Envelope
	algorithm, err := verifySignature(key, pae(envelope.Payload), envelope.Signatures[0].Sig)
	if err != nil {
		return "", err
	}
	var said statementJSON
	if err := json.Unmarshal(envelope.Payload, &said); err != nil {
		return "", err
	}
	if len(said.Subject) != 1 || said.PredicateType != "https://model_signing/signature/v1.0" {
		return "", fmt.Errorf("%d subjects, predicate %s", len(said.Subject), said.PredicateType)
	}
	hash := sha256.New()
	for _, one := range said.Predicate.Resources {
		digest, err := hex.DecodeString(one.Digest)
		if err != nil {
			return "", err
		}
		hash.Write(digest)
	}
	if root := hex.EncodeToString(hash.Sum(nil)); root != said.Subject[0].Digest["sha256"] {
		return "", fmt.Errorf("root digest %s, but resources give %s", said.Subject[0].Digest["sha256"], root)
	}
	return algorithm, nil
}

func load(file string) (*bundleJSON, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	bundle := &bundleJSON{}
	if err := json.Unmarshal(content, bundle); err != nil {
		return nil, err
	}
	if bundle.MediaType != mediaType || bundle.Envelope.PayloadType != payloadType || len(bundle.Envelope.Signatures) != 1 {
		return nil, fmt.Errorf("%s of %s with %d signatures",
			bundle.MediaType, bundle.Envelope.PayloadType, len(bundle.Envelope.Signatures))
	}
	return bundle, nil
}

func signerOf(bundle *bundleJSON, trust *trusted) (any, error) {
	if hint := bundle.Material.PublicKey; hint != nil {
		key, known := trust.keys[hint.Hint]
		if !known {
			return nil, fmt.Errorf("no key with the hint %s", hint.Hint)
		}
		return key, nil
	}
	var chain []read64
	if bundle.Material.Chain != nil {
		chain = bundle.Material.Chain.Certificates
	} else if bundle.Material.Certificate != nil {
		chain = []read64{*bundle.Material.Certificate}
	}
	if len(chain) == 0 {
		return nil, errors.New("neither a key nor a certificate")
	}
	between := trust.other.Clone()
	var leaf *x509.Certificate
	for i, one := range chain {
		certificate, err := x509.ParseCertificate(one.RawBytes)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			leaf = certificate
		} else {
			between.AddCert(certificate)
		}
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: trust.roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return leaf.PublicKey, err
}

// verifySignature returns which algorithm it is. Like that client's verifier (pkg/verify/crypto.go of v0.0.1 to v0.0.3) it takes Ed25519
// only as Ed25519ph. P-521, which that client refuses, is verified here all the same, as a check by another library.
func verifySignature(key any, message, signature []byte) (string, error) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, digestOf(ecdsaHash(key), message), signature) {
			return "ecdsa-" + key.Curve.Params().Name, nil
		}
	case *rsa.PublicKey:
		if rsa.VerifyPKCS1v15(key, crypto.SHA256, digestOf(crypto.SHA256, message), signature) == nil {
			return fmt.Sprintf("rsa-%d", key.N.BitLen()), nil
		}
	case ed25519.PublicKey:
		if ed25519.VerifyWithOptions(key, digestOf(crypto.SHA512, message), signature,
			&ed25519.Options{Hash: crypto.SHA512}) == nil {
			return "ed25519ph", nil
		}
	}
	return "", fmt.Errorf("not a signature by this %T", key)
}

func printPAE(operands []string) error {
	for _, file := range operands {
		bundle, err := load(file)
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(pae(bundle.Envelope.Payload)); err != nil {
			return err
		}
	}
	return nil
}

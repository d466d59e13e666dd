// Tsa is the Sigstore timestamp authority on loopback, for the checks: its own REST server, by its own package. Its stock program also
// listens on port 2112 of every interface, for metrics, and dies if that is taken, so that only one could run on a machine.
//
//	tsa -port PORT -key KEY -password TEXT -chain PEM       KEY is encrypted PKCS#8; the chain begins with the leaf
package main

import (
	"flag"
	"log"
	"time"

	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"
)

// policy is Sigstore's own, which the server insists on having some of.
const policy = "1.3.6.1.4.1.57264.2"

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1")
	key := flag.String("key", "", "private key, in PEM")
	password := flag.String("password", "", "of the key")
	chain := flag.String("chain", "", "certificates, in PEM")
	flag.Parse()

	viper.Set("timestamp-signer", "file")
	viper.Set("file-signer-key-path", *key)
	viper.Set("file-signer-passwd", *password)
	viper.Set("certificate-chain-path", *chain)
	viper.Set("timestamp-signer-hash", "sha256")
	viper.Set("enforce-intermediate-eku", true)
	viper.Set("max-request-body-size", uint64(1<<20))
	viper.Set("default-policy-oid", policy)
	viper.Set("accepted-policy-oids", []string{policy})

	timeout := 30 * time.Second
	authority := server.NewRestAPIServer("127.0.0.1", *port, []string{"http"}, false, timeout, timeout)
	authority.KeepAlive = 3 * time.Minute
	authority.GracefulTimeout = time.Second
	authority.CleanupTimeout = 10 * time.Minute // which is also how long an idle connection is kept
	authority.MaxHeaderSize = 1 << 20
	log.Fatal(authority.Serve())
}

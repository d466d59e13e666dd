// Ctlog is a certificate transparency log in memory, on loopback: Google's CT front end over a Trillian log in the same process.
// Trillian also listens, since Rekor v1 keeps its log there.
//
//	ctlog -http ADDRESS -trillian ADDRESS -key KEY -roots PEM       KEY is PKCS#8; the log's URL is http://ADDRESS/ct
package main

import (
	"context"
	"encoding/pem"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/certificate-transparency-go/trillian/ctfe"
	"github.com/google/certificate-transparency-go/trillian/ctfe/configpb"
	"github.com/google/trillian"
	"github.com/google/trillian/client"
	"github.com/google/trillian/crypto/keys"
	"github.com/google/trillian/crypto/keys/der"
	"github.com/google/trillian/crypto/keyspb"
	"github.com/google/trillian/extension"
	tlog "github.com/google/trillian/log"
	"github.com/google/trillian/monitoring"
	"github.com/google/trillian/quota"
	"github.com/google/trillian/server"
	"github.com/google/trillian/server/admin"
	"github.com/google/trillian/server/interceptor"
	"github.com/google/trillian/storage/memory"
	"github.com/google/trillian/util/clock"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

// sequencing is how long an entry may wait until it is part of the log.
const sequencing = 100 * time.Millisecond

func main() {
	address := flag.String("http", "", "address of the CT log")
	logAddress := flag.String("trillian", "", "address of Trillian's gRPC services")
	key := flag.String("key", "", "private key of the CT log, in PEM")
	roots := flag.String("roots", "", "certificates of accepted authorities, in PEM")
	flag.Parse()

	ctx := context.Background()
	metrics := monitoring.InertMetricFactory{}
	logs, admins := serveTrillian(ctx, *logAddress, metrics)
	tree, err := client.CreateAndInitTree(ctx, &trillian.CreateTreeRequest{Tree: &trillian.Tree{
		TreeState:       trillian.TreeState_ACTIVE,
		TreeType:        trillian.TreeType_LOG,
		DisplayName:     "ct",
		MaxRootDuration: durationpb.New(0),
	}}, admins, logs)
	check(err)

	keys.RegisterHandler(&keyspb.PrivateKey{}, der.FromProto)
	config, err := ctfe.ValidateLogConfig(&configpb.LogConfig{
		LogId:        tree.TreeId,
		Prefix:       "ct",
		RootsPemFile: []string{*roots},
		PrivateKey:   privateKey(*key),
		ExtKeyUsages: []string{"CodeSigning"},
	})
	check(err)
	front, err := ctfe.SetUpInstance(ctx, ctfe.InstanceOptions{
		Validated:     config,
		Client:        logs,
		Deadline:      10 * time.Second,
		MetricFactory: metrics,
		RequestLog:    new(ctfe.DefaultRequestLog),
	})
	check(err)
	for path, handler := range front.Handlers {
		http.Handle(path, handler)
	}
	check(http.ListenAndServe(*address, nil))
}

// serveTrillian starts a log server, its administration and its sequencer over one storage, and returns clients of the first two.
func serveTrillian(ctx context.Context, address string, metrics monitoring.MetricFactory) (trillian.TrillianLogClient, trillian.TrillianAdminClient) {
	trees := memory.NewTreeStorage()
	registry := extension.Registry{
		AdminStorage:  memory.NewAdminStorage(trees),
		LogStorage:    memory.NewLogStorage(trees, metrics),
		QuotaManager:  quota.Noop(),
		MetricFactory: metrics,
	}
	services := grpc.NewServer(grpc.UnaryInterceptor(interceptor.ErrorWrapper))
	trillian.RegisterTrillianAdminServer(services, admin.New(registry, nil))
	trillian.RegisterTrillianLogServer(services, server.NewTrillianLogRPCServer(registry, clock.System))
	listener, err := net.Listen("tcp", address)
	check(err)
	go func() { check(services.Serve(listener)) }()
	go tlog.NewOperationManager(tlog.OperationInfo{
		Registry:    registry,
		BatchSize:   500,
		NumWorkers:  1,
		RunInterval: sequencing,
		TimeSource:  clock.System,
	}, tlog.NewSequencerManager(registry, 0)).OperationLoop(ctx)

	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	return trillian.NewTrillianLogClient(connection), trillian.NewTrillianAdminClient(connection)
}

func privateKey(file string) *anypb.Any {
	text, err := os.ReadFile(file)
	check(err)
	block, _ := pem.Decode(text)
	if block == nil {
		log.Fatalf("no PEM in %s", file)
	}
	key, err := anypb.New(&keyspb.PrivateKey{Der: block.Bytes})
	check(err)
	return key
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Command ferretdb speaks the MongoDB protocol on top of PostgreSQL.
//
// It reads FERRETDB_LISTEN (host:port) and FERRETDB_POSTGRESQL_URL, and ends cleanly
// on SIGTERM.
package main

import (
	"context"
	"log"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

const startWithin = 20 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatalf("FerretDB stopped: %v", err)
	}
}

// run has FerretDB itself listen on a socket of its own, behind the turns that its callers take.
func run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "dcdget-ferretdb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	socket := filepath.Join(folder, "socket")
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:      ferretdb.ListenerConfig{Unix: socket},
		Handler:       "postgresql",
		PostgreSQLURL: os.Getenv("FERRETDB_POSTGRESQL_URL"),
		// Warnings quote whole messages, and so the documents in them.
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	if err := awaitSocket(ctx, socket, ended); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", os.Getenv("FERRETDB_LISTEN"))
	if err != nil {
		return err
	}
	defer listener.Close()
	go serve(listener, socket)
	return <-ended
}

// awaitSocket returns when FerretDB takes connections; callers find the port closed until then.
func awaitSocket(ctx context.Context, socket string, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		if connection, err := net.Dial("unix", socket); err == nil {
			return connection.Close()
		}
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

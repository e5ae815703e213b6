// A web app of Go's standard library that greets.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const drain = 10 * time.Second

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", greet)
	server := &http.Server{
		Addr:              ":" + cmp.Or(os.Getenv("PORT"), "5000"),
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
	}
	// The platform stops an instance with SIGTERM: finish what runs, take nothing new.
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	finished := make(chan error, 1)
	go func() {
		<-stop.Done()
		deadline, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		finished <- server.Shutdown(deadline)
	}()
	log.Printf("hello-go listens on %s", server.Addr)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	if err := <-finished; err != nil {
		log.Fatal(err)
	}
}

func greet(response http.ResponseWriter, _ *http.Request) {
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(response, "Hello from Go, %s!\n", cmp.Or(os.Getenv("NAME"), "dcdget"))
}

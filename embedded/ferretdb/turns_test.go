package main

import (
	"encoding/binary"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// message is an OP_MSG whose document begins with `command: collection`.
func message(command, collection string) []byte {
	document := append([]byte{0, 0, 0, 0, 0x02}, command...)
	document = append(document, 0)
	document = binary.LittleEndian.AppendUint32(document, uint32(len(collection)+1))
	document = append(append(document, collection...), 0, 0)
	binary.LittleEndian.PutUint32(document, uint32(len(document)))
	whole := make([]byte, headerBytes+5, headerBytes+5+len(document))
	whole = append(whole, document...)
	binary.LittleEndian.PutUint32(whole, uint32(len(whole)))
	binary.LittleEndian.PutUint32(whole[12:], opMsg)
	return whole
}

// most tells how many requests a database behind `serve` was working on at once.
func most(t *testing.T, requests ...[]byte) int32 {
	t.Helper()
	var now, highest atomic.Int32
	socket := filepath.Join(t.TempDir(), "socket")
	database, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	go func() {
		for {
			connection, err := database.Accept()
			if err != nil {
				return
			}
			go func() {
				for {
					request, err := readMessage(connection)
					if err != nil {
						return
					}
					for at := now.Add(1); at > highest.Load(); {
						highest.Store(at)
					}
					time.Sleep(50 * time.Millisecond)
					now.Add(-1)
					connection.Write(request)
				}
			}()
		}
	}()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	go serve(front, socket)

	var all sync.WaitGroup
	for _, request := range requests {
		all.Add(1)
		go func() {
			defer all.Done()
			client, err := net.Dial("tcp", front.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer client.Close()
			client.SetDeadline(time.Now().Add(5 * time.Second))
			client.Write(request)
			if _, err := readMessage(client); err != nil {
				t.Errorf("no answer: %v", err)
			}
		}()
	}
	all.Wait()
	return highest.Load()
}

func TestChangesOfOneCollectionPassOneAfterTheOther(t *testing.T) {
	if at := most(t, message("update", "apps"), message("findAndModify", "apps"), message("delete", "apps")); at != 1 {
		t.Fatalf("%d changes of one collection were made at once", at)
	}
}

func TestChangesOfTwoCollectionsDoNotWaitForEachOther(t *testing.T) {
	if at := most(t, message("update", "apps"), message("update", "servers")); at != 2 {
		t.Fatalf("%d changes of two collections were made at once", at)
	}
}

func TestReadsDoNotWait(t *testing.T) {
	if at := most(t, message("find", "apps"), message("find", "apps"), message("update", "apps")); at != 3 {
		t.Fatalf("%d requests were answered at once", at)
	}
}

package main

// A log hub for the stories, of TLS and octet-counted frames as the real one.

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const hubName = "hub.test"

// authority makes certificates that ps-dock is told to trust, in caFile.
type authority struct {
	caFile      string
	certificate tls.Certificate // for hubName and 127.0.0.1
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{hubName}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	return authority{caFile, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}
}

// frame is one message of a run, taken apart.
type frame struct {
	priority, host, source, process, id, data, text string
}

var message = regexp.MustCompile(`(?s)^<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (\S+) (\S+) (\S+) (\S+) (-|\[.*?\])(?: (.*))?$`)

// testHub keeps everything that it was sent.
type testHub struct {
	t            *testing.T
	listener     net.Listener
	answer       func(hello frame) string // "OK n" or "NO …"
	pace         func()                   // before every frame
	keepsNothing bool

	takers sync.WaitGroup
	mutex  sync.Mutex
	hellos []frame
	frames []frame
	open   []net.Conn
}

func startHub(t *testing.T, authority authority, address string) *testHub {
	t.Helper()
	listener, err := tls.Listen("tcp", address, &tls.Config{Certificates: []tls.Certificate{authority.certificate}})
	must(t, err)
	h := &testHub{t: t, listener: listener, answer: func(frame) string { return "OK 0" }, pace: func() {}}
	t.Cleanup(h.stop)
	return h
}

func (h *testHub) serve() *testHub {
	go func() {
		for {
			connection, err := h.listener.Accept()
			if err != nil {
				return
			}
			h.mutex.Lock()
			h.open = append(h.open, connection)
			h.mutex.Unlock()
			h.takers.Add(1)
			go func() {
				defer h.takers.Done()
				h.take(connection)
			}()
		}
	}()
	return h
}

func (h *testHub) address() string { return h.listener.Addr().String() }

// stop ends the hub and its connections as a crash would.
func (h *testHub) stop() {
	h.listener.Close()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, connection := range h.open {
		connection.(*tls.Conn).NetConn().Close()
	}
}

func (h *testHub) take(connection net.Conn) {
	defer connection.Close()
	source := bufio.NewReader(connection)
	hello, err := readFrame(source)
	if err != nil {
		return
	}
	h.mutex.Lock()
	h.hellos = append(h.hellos, hello)
	h.mutex.Unlock()
	answer := h.answer(hello)
	fmt.Fprintf(connection, "%s\n", answer)
	if strings.HasPrefix(answer, "NO") {
		return
	}
	for {
		h.pace()
		one, err := readFrame(source)
		if err != nil {
			return
		}
		if h.keepsNothing {
			continue
		}
		h.mutex.Lock()
		h.frames = append(h.frames, one)
		h.mutex.Unlock()
	}
}

func readFrame(source *bufio.Reader) (frame, error) {
	length, err := source.ReadString(' ')
	if err != nil {
		return frame{}, err
	}
	count, err := strconv.Atoi(strings.TrimSuffix(length, " "))
	if err != nil {
		return frame{}, err
	}
	text := make([]byte, count)
	if _, err := io.ReadFull(source, text); err != nil {
		return frame{}, err
	}
	fields := message.FindStringSubmatch(string(text))
	if fields == nil {
		return frame{}, fmt.Errorf("no message: %.200q", text)
	}
	return frame{fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]}, nil
}

func (h *testHub) received() []frame {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return append([]frame(nil), h.frames...)
}

func (h *testHub) greetings() []frame {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return append([]frame(nil), h.hellos...)
}

// texts of a source, in the order they came.
func (h *testHub) texts(source string) (found []string) {
	for _, one := range h.received() {
		if one.source == source {
			found = append(found, one.text)
		}
	}
	return found
}

// missing is how many numbers are not among those received, up to the last.
func (h *testHub) missing() (count int) {
	last := 0
	for _, one := range h.received() {
		number, err := strconv.Atoi(one.id)
		must(h.t, err)
		if number > last {
			count += number - last - 1
			last = number
		}
	}
	return count
}

func (h *testHub) forInstance(authority authority) config {
	return config{
		"instanceId": "hello.web.1.v12.34", "caFile": authority.caFile,
		"hub": config{"address": h.address(), "serverName": hubName, "token": "secret"},
	}
}

func newHubDock(t *testing.T, hub *testHub, authority authority, changes config) *Dock {
	t.Helper()
	given := hub.forInstance(authority)
	for name, value := range changes {
		given[name] = value
	}
	return newDock(t, given)
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

type addressOnly string

func (a addressOnly) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (a addressOnly) Close() error              { return nil }
func (a addressOnly) Addr() net.Addr            { return a }
func (a addressOnly) Network() string           { return "tcp" }
func (a addressOnly) String() string            { return string(a) }

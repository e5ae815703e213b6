package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	wire "encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Booth stands for the rendezvous and for the client behind it: ps-dock comes to
// it by TLS, and is greeted.
type Booth struct {
	t        *testing.T
	listener net.Listener
	folder   string
}

func newBooth(t *testing.T) *Booth {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "booth"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{encoded}, PrivateKey: key}},
	})
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	booth := &Booth{t: t, listener: listener, folder: t.TempDir()}
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})
	must(t, os.WriteFile(booth.folder+"/ca.pem", authority, 0o600))
	return booth
}

func (b *Booth) attach(changes config) config {
	attach := config{
		"address": b.listener.Addr().String(), "serverName": "127.0.0.1",
		"secret": "the-secret", "tty": false, "framed": true, "rows": 24, "columns": 80,
	}
	for key, value := range changes {
		attach[key] = value
	}
	return attach
}

// Client is the other end of a session.
type Client struct {
	t *testing.T
	net.Conn
	knock    string
	received uint64
}

func (b *Booth) greet(next string) *Client {
	b.t.Helper()
	connection, err := b.listener.Accept()
	must(b.t, err)
	connection.SetDeadline(time.Now().Add(storyWait))
	var knock []byte
	for one := make([]byte, 1); !bytes.HasSuffix(knock, []byte("\r\n")); knock = append(knock, one...) {
		_, err := io.ReadFull(connection, one)
		must(b.t, err)
	}
	_, err = connection.Write([]byte(strings.TrimSpace("rendezvous "+next) + "\r\n"))
	must(b.t, err)
	b.t.Cleanup(func() { connection.Close() })
	return &Client{t: b.t, Conn: connection, knock: strings.TrimSpace(string(knock))}
}

func (c *Client) send(kind byte, content []byte) {
	c.t.Helper()
	_, err := c.Write(encodeFrame(kind, content))
	must(c.t, err)
}

func (c *Client) hello(received uint64) { c.send(frameHello, number64(received)) }

// next is the next frame that is neither greeting, receipt nor ping.
func (c *Client) next() (byte, []byte) {
	c.t.Helper()
	for {
		kind, content, err := receiveFrame(c.Conn)
		must(c.t, err)
		switch kind {
		case frameHello, frameAck, framePing:
		default:
			c.received += uint64(frameHeadBytes + len(content))
			return kind, content
		}
	}
}

// rest is all output until the exit code.
func (c *Client) rest() (out, errors []byte, exitCode int) {
	c.t.Helper()
	for {
		switch kind, content := c.next(); kind {
		case frameOut:
			out = append(out, content...)
		case frameError:
			errors = append(errors, content...)
		case frameExit:
			c.send(frameAck, number64(c.received))
			return out, errors, int(int32(wire.BigEndian.Uint32(content)))
		}
	}
}

func (c *Client) until(words string) string {
	c.t.Helper()
	var heard []byte
	for !bytes.Contains(heard, []byte(words)) {
		kind, content, err := receiveFrame(c.Conn)
		if err != nil || kind == frameExit {
			c.t.Fatalf("heard %q and not %q: %c %v %v", heard, words, kind, content, err)
		}
		if kind == frameOut || kind == frameError {
			c.received += uint64(frameHeadBytes + len(content))
			heard = append(heard, content...)
		}
	}
	return string(heard)
}

func (c *Client) rawUntil(words string) string {
	c.t.Helper()
	var heard []byte
	buffer := make([]byte, 32<<10)
	for !bytes.Contains(heard, []byte(words)) {
		count, err := c.Read(buffer)
		heard = append(heard, buffer[:count]...)
		if err != nil {
			c.t.Fatalf("heard %q and not %q: %v", heard, words, err)
		}
	}
	return string(heard)
}

func startSession(t *testing.T, booth *Booth, command string, attach config) *Dock {
	t.Helper()
	return newDock(t, config{"instance": "run.1234", "instanceId": "hello.run.1234.v3.7", "command": command, "attach": booth.attach(attach), "caFile": booth.folder + "/ca.pem", "stopGraceMs": 2000}).start()
}

func TestPipesOfASessionCarryBytesAsTheyAreAndTheExitCode(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "cat; echo oops >&2; exit 7", nil)
	client := booth.greet("")
	if client.knock != "the-secret" {
		t.Errorf("it knocked with %q", client.knock)
	}
	client.hello(0)
	sent := make([]byte, 3<<20)
	_, _ = rand.Read(sent)
	go func() {
		for rest := sent; len(rest) > 0; rest = rest[min(len(rest), 60000):] {
			client.send(frameInput, rest[:min(len(rest), 60000)])
		}
		client.send(frameEnd, nil)
	}()
	out, errors, exitCode := client.rest()
	if !bytes.Equal(out, sent) || string(errors) != "oops\n" || exitCode != 7 {
		t.Errorf("%d bytes of %d came back, stderr %q, status %d", len(out), len(sent), errors, exitCode)
	}
	d.expectExit(7)
	if lines := d.lines(); len(lines) != 0 {
		t.Errorf("the log holds %q", lines)
	}
}

func TestTerminalOfASessionHasItsSizeItsUserAndItsKeys(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "trap 'stty size' WINCH; trap 'echo caught; exit 9' INT; test -t 0 && stty size; stat -c %u $(tty); while :; do sleep 0.05; done", config{"tty": true, "rows": 30, "columns": 101})
	client := booth.greet("")
	client.hello(0)
	client.until(fmt.Sprintf("30 101\r\n%d\r\n", appUID))
	client.send(frameWindow, []byte{0, 50, 0, 120})
	client.until("50 120\r\n")
	client.send(frameInput, []byte{3})
	if out, _, exitCode := client.rest(); exitCode != 9 || !bytes.Contains(out, []byte("caught")) {
		t.Errorf("status %d after %q", exitCode, out)
	}
	d.expectExit(9)
}

func TestInputOfATerminalEndsInTheMiddleOfALine(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "stty -echo; echo ready; cat", config{"tty": true})
	client := booth.greet("")
	client.hello(0)
	client.until("ready")
	client.send(frameInput, []byte("half"))
	client.send(frameEnd, nil)
	if out, _, exitCode := client.rest(); string(out) != "\r\nhalf" && string(out) != "half" || exitCode != 0 {
		t.Errorf("status %d after %q", exitCode, out)
	}
	d.expectExit(0)
}

func TestSignalsOfAClientWithoutATerminalReachTheCommand(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "trap 'exit 4' INT; echo ready; while :; do sleep 0.05; done", nil)
	client := booth.greet("")
	client.hello(0)
	client.until("ready")
	client.send(frameSignal, []byte{byte(syscall.SIGINT)})
	if _, _, exitCode := client.rest(); exitCode != 4 {
		t.Errorf("status %d", exitCode)
	}
	d.expectExit(4)
}

func TestHerokusClientEndsItsInputByOneByte(t *testing.T) {
	t.Parallel()
	for _, story := range []struct{ tty, input, said string }{
		{"", "a\x04b\n\x04", "a\x04b\nDONE"},
		{"", "\x04", "DONE"},
		{"tty", "\x04", "DONE"},
		{"tty", "half\x04", "halfDONE"},
		{"tty", "whole\n\x04", "whole\r\nDONE"},
	} {
		t.Run(fmt.Sprintf("%s %q", story.tty, story.input), func(t *testing.T) {
			t.Parallel()
			booth := newBooth(t)
			d := startSession(t, booth, "test ! -t 0 || stty -echo; echo ready; cat; echo DONE", config{"framed": false, "tty": story.tty != ""})
			client := booth.greet("")
			client.rawUntil("ready")
			_, err := client.Write([]byte(story.input))
			must(t, err)
			if heard := client.rawUntil("DONE"); !strings.Contains(strings.TrimSpace(heard), story.said) {
				t.Errorf("heard %q", heard)
			}
			d.expectExit(0)
		})
	}
}

func TestHerokusClientFindsTheExitStatusInOnePiece(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	command := "head -c 100000 /dev/zero | tr '\\0' x; printf '\\xef'; sleep 0.1; printf '\\xbf\\xbf heroku-command'; sleep 0.1; printf -- '-exit-status: 3\\n'"
	startSession(t, booth, command, config{"framed": false, "tty": true})
	client := booth.greet("")
	var last []byte
	buffer := make([]byte, 64<<10)
	for {
		count, err := client.Read(buffer)
		if count > 0 {
			last = bytes.Clone(buffer[:count])
		}
		if err != nil {
			break
		}
	}
	if !strings.HasSuffix(string(last), "\uffff heroku-command-exit-status: 3\r\n") {
		t.Errorf("the last piece is %.100q", last)
	}
}

func TestCommandIsHungUpWithinTenSecondsOfItsClient(t *testing.T) {
	t.Parallel()
	for _, story := range []struct {
		framed, tty bool
		traps       string
		status      int
	}{
		{true, true, "trap 'exit 5' HUP", 5},
		{true, false, "trap 'exit 5' HUP", 5},
		{false, true, "trap 'exit 5' HUP", 5},
		{false, false, "trap '' HUP; trap 'exit 6' TERM", 6},
		{true, true, "trap '' HUP TERM", 137},
	} {
		t.Run(fmt.Sprintf("%+v", story), func(t *testing.T) {
			t.Parallel()
			booth := newBooth(t)
			d := startSession(t, booth, story.traps+"; echo ready; while :; do sleep 0.05; done", config{"framed": story.framed, "tty": story.tty})
			client := booth.greet("")
			if story.framed {
				client.hello(0)
				client.until("ready")
			} else {
				client.rawUntil("ready")
			}
			since := time.Now()
			client.Close()
			d.expectExit(story.status)
			if took := time.Since(since); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestSessionIsTakenUpAgainWhereItWasLeft(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "stty -echo; for n in 1 2 3; do read -r line; echo \"$n $line\"; done; exit 3", config{"tty": true, "reattachSeconds": 60})
	first := booth.greet("second-secret")
	if first.knock != "the-secret wait=60" {
		t.Errorf("it knocked with %q", first.knock)
	}
	first.hello(0)
	time.Sleep(300 * time.Millisecond)
	first.send(frameInput, []byte("one\n"))
	first.until("1 one\r\n")
	had := first.received
	first.send(frameInput, []byte("two\n"))
	first.until("2 two\r\n") // heard, but not remembered: as if the network had kept it
	first.Close()

	second := booth.greet("third-secret")
	if second.knock != "second-secret wait=60" {
		t.Errorf("it knocked again with %q", second.knock)
	}
	second.hello(had)
	kind, content, err := receiveFrame(second.Conn)
	must(t, err)
	if kind != frameHello || wire.BigEndian.Uint64(content) != 2*uint64(frameHeadBytes+4) || wire.BigEndian.Uint64(content[8:]) != had {
		t.Errorf("it said %c %v", kind, content)
	}
	second.until("2 two\r\n")
	second.received += had
	second.send(frameInput, []byte("three\n"))
	out, _, exitCode := second.rest()
	if string(out) != "3 three\r\n" || exitCode != 3 {
		t.Errorf("status %d after %q", exitCode, out)
	}
	d.expectExit(3)
}

func TestSilentSessionAndALongOneAreHungUp(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"idleSeconds", "lastsSeconds"} {
		booth := newBooth(t)
		d := startSession(t, booth, "trap 'echo bye; exit 5' HUP; while :; do sleep 0.05; done", config{limit: 1})
		client := booth.greet("")
		client.hello(0)
		out, told, exitCode := client.rest()
		if string(out) != "bye\n" || !strings.HasPrefix(string(told), "run.1234 is hung up: ") || exitCode != 5 {
			t.Errorf("%s: status %d after %q and %q", limit, exitCode, out, told)
		}
		d.expectExit(5)
		if !strings.Contains(d.remarks(), "hung up: ") {
			t.Errorf("the log says %q", d.remarks())
		}
	}
}

func TestWhoHoldsTheTerminalIsToldOfAStop(t *testing.T) {
	t.Parallel()
	for _, story := range []struct {
		framed, tty bool
		told        string
	}{
		{true, false, "run.1234 was told to stop\n"},
		{true, true, "\r\nrun.1234 was told to stop\r\n"},
		{false, true, "\r\nrun.1234 was told to stop\r\n"},
	} {
		t.Run(fmt.Sprintf("%+v", story), func(t *testing.T) {
			t.Parallel()
			booth := newBooth(t)
			d := startSession(t, booth, "trap 'exit 5' HUP TERM; echo ready; while :; do sleep 0.05; done", config{"framed": story.framed, "tty": story.tty})
			client := booth.greet("")
			if story.framed {
				client.hello(0)
				client.until("ready")
			} else {
				client.rawUntil("ready")
			}
			must(t, d.process.Process.Signal(syscall.SIGTERM))
			if story.framed {
				if _, told, exitCode := client.rest(); !strings.HasPrefix(string(told), story.told) || exitCode != 5 {
					t.Errorf("status %d after %q", exitCode, told)
				}
			} else {
				client.rawUntil(story.told)
			}
			d.expectExit(5)
		})
	}
}

// A client that takes nothing must not keep ps-dock from ending its command.
func TestSessionWhoseClientIsStuckIsHungUp(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "trap 'exit 5' HUP; yes", config{"idleSeconds": 1})
	booth.greet("").hello(0)
	d.expectExit(5)
}

func TestRendezvousThatBreaksOffAGreetingIsAskedAgain(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "read -r line; echo \"$line\"", config{"reattachSeconds": 60})
	first := booth.greet("second-secret")
	first.hello(0)
	time.Sleep(100 * time.Millisecond)
	first.Close()
	connection, err := booth.listener.Accept()
	must(t, err)
	must(t, connection.(*tls.Conn).Handshake())
	connection.Close()

	second := booth.greet("third-secret")
	if second.knock != "second-secret wait=60" {
		t.Errorf("it knocked again with %q", second.knock)
	}
	second.hello(0)
	second.send(frameInput, []byte("hello\n"))
	if out, _, exitCode := second.rest(); string(out) != "hello\n" || exitCode != 0 {
		t.Errorf("status %d after %q", exitCode, out)
	}
	d.expectExit(0)
}

func TestNothingRunsForNobody(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := startSession(t, booth, "touch $HOME/ran", nil)
	connection, err := booth.listener.Accept()
	must(t, err)
	_ = connection.(*tls.Conn).Handshake()
	connection.Close()
	d.expectExit(126)
	if _, err := os.Stat(d.path("app/ran")); err == nil {
		t.Error("it ran")
	}
}

package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

const (
	dialTimeout    = 5 * time.Second
	greetingWait   = 10 * time.Second
	dialAgainFirst = 50 * time.Millisecond
	dialAgainMost  = time.Second
	dialFor        = 20 * time.Second
	greeting       = "rendezvous"
)

// Connection is one to the rendezvous, greeted.
type Connection struct {
	*tls.Conn
	reader *bufio.Reader
}

func (c *Connection) Read(bytes []byte) (int, error) { return c.reader.Read(bytes) }

var errRefused = errors.New("the rendezvous refuses the secret")

// meet connects to the rendezvous and spends the secret; a rendezvous that is
// away is tried again until the deadline. A greeting may bring the next secret.
func (a *Attach) meet(until time.Time) (*Connection, error) { return a.meetUntil(until, false) }

// meetAgain tries a refused secret again, too: a rendezvous that was killed while
// it greeted looks no different.
func (a *Attach) meetAgain(until time.Time) (*Connection, error) { return a.meetUntil(until, true) }

func (a *Attach) meetUntil(until time.Time, isAgain bool) (*Connection, error) {
	for pause := dialAgainFirst; ; pause = min(2*pause, dialAgainMost) {
		connection, err := a.come()
		if err == nil {
			return connection, nil
		}
		if err == errRefused && !isAgain {
			return nil, err
		}
		if time.Now().Add(pause).After(until) {
			return nil, fmt.Errorf("cannot reach the rendezvous: %w", err)
		}
		time.Sleep(pause)
	}
}

func (a *Attach) come() (*Connection, error) {
	connection, err := a.dial()
	if err != nil {
		return nil, err
	}
	return a.greet(connection)
}

// A record holds one piece, so that pieces arrive as they were said.
func (a *Attach) dial() (*tls.Conn, error) {
	roots, err := readAuthorities(a.caFile)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAliveEvery, Control: giveUpSilentPeer}
	return tls.DialWithDialer(dialer, "tcp", a.Address, &tls.Config{
		RootCAs: roots, ServerName: a.ServerName, MinVersion: tls.VersionTLS12, DynamicRecordSizingDisabled: true,
	})
}

func (a *Attach) greet(connection *tls.Conn) (*Connection, error) {
	line := a.Secret
	if a.ReattachSeconds > 0 {
		line += fmt.Sprintf(" wait=%d", a.ReattachSeconds)
	}
	connection.SetDeadline(time.Now().Add(greetingWait))
	if _, err := connection.Write([]byte(line + "\r\n")); err != nil {
		connection.Close()
		return nil, errRefused
	}
	reader := bufio.NewReaderSize(connection, 32<<10)
	answer, err := reader.ReadSlice('\n')
	words := strings.Fields(string(answer))
	if err != nil || len(words) == 0 || words[0] != greeting {
		connection.Close()
		return nil, errRefused
	}
	if len(words) == 2 {
		a.Secret = words[1]
	}
	connection.SetDeadline(time.Time{})
	return &Connection{connection, reader}, nil
}

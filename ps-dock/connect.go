package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	connectLimit   = 10 * time.Second
	keepAliveEvery = 15 * time.Second
	silenceLimit   = 30 * time.Second // of a peer that acknowledges nothing
	tcpUserTimeout = 18               // TCP_USER_TIMEOUT
)

// connect takes a peer that the platform's authority vouches for, and no other.
// The authority is read at every connection, because it may have been replaced.
// With sessions, which may be nil, a later connection goes on with the keys of
// an earlier one: no certificate is looked at, and none is signed with.
func connect(limited context.Context, address, serverName, caFile string, sessions tls.ClientSessionCache) (*tls.Conn, error) {
	authorities, err := readAuthorities(caFile)
	if err != nil {
		return nil, err
	}
	dialer := tls.Dialer{
		NetDialer: &net.Dialer{KeepAlive: keepAliveEvery, Control: giveUpSilentPeer},
		Config:    &tls.Config{RootCAs: authorities, ServerName: serverName, MinVersion: tls.VersionTLS12, ClientSessionCache: sessions},
	}
	connection, err := dialer.DialContext(limited, "tcp", address)
	if err != nil {
		return nil, err
	}
	return connection.(*tls.Conn), nil
}

func readAuthorities(caFile string) (*x509.CertPool, error) {
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", caFile)
	}
	return authorities, nil
}

func giveUpSilentPeer(_, _ string, socket syscall.RawConn) error {
	return socket.Control(func(descriptor uintptr) {
		_ = syscall.SetsockoptInt(int(descriptor), syscall.IPPROTO_TCP, tcpUserTimeout, int(silenceLimit.Milliseconds()))
	})
}

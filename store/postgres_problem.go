package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// errLost marks a commit whose answer never came.
var errLost = errors.New("the answer to a commit was lost")

// problem names the problem behind an error of the server
// (https://www.postgresql.org/docs/current/errcodes-appendix.html) or of the way
// to it.
func (e postgres) problem(err error) string {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		if errors.Is(err, errLost) && said.Severity != "ERROR" {
			return "server_lost"
		}
		return problemOfState(said.Code)
	}
	switch {
	case errors.Is(err, errLost):
		return "server_lost"
	case untrusted(err), e.tls && refusesTLS(err):
		return "server_tls"
	case broken(err):
		return "server_down"
	}
	return ""
}

func problemOfState(code string) string {
	switch code {
	case "3D000":
		return "server_missing"
	case "42501":
		return "server_rights"
	case "25006":
		return "server_read_only"
	case "53100":
		return "server_full"
	case "53300", "53400":
		return "server_connections"
	case "55P03", "40P01":
		return "busy"
	case "XX001", "XX002":
		return "damaged"
	}
	switch code[:min(2, len(code))] {
	case "28":
		return "server_login"
	case "57", "08": // it stops, starts, or ended the connection
		return "server_down"
	case "25": // it ended a transaction that hung
		return "server_down"
	case "53", "58", "XX", "F0":
		return "server_trouble"
	}
	return ""
}

// untrusted says whether TLS is what failed.
func untrusted(err error) bool {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid) ||
		errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert)
}

// refusesTLS says whether the server speaks no TLS: it answered, in a way that
// the driver has no type for.
func refusesTLS(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) && !errors.As(err, &network) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
}

// broken says whether the way to the server is what failed.
func broken(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &connect) || errors.As(err, &network) || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

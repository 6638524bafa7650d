package sim

import (
	"context"
	"net"
	"sync"
)

// memory is a listener whose connections never leave the process, so that tests
// can hold the time still (testing/synctest).
type memory struct {
	dialled chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

func newMemory() *memory {
	return &memory{dialled: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept gives the server's end of the next connection.
func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.dialled:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close makes Accept and Dial fail.
func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// Addr is nowhere.
func (m *memory) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "pipe" }
func (memoryAddr) String() string  { return "simulator" }

func (m *memory) dial(ctx context.Context) (net.Conn, error) {
	server, client := net.Pipe()
	select {
	case m.dialled <- server:
		return client, nil
	case <-m.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Dial connects to the simulator within the process, whatever the address, while
// Run runs. TLS is spoken over the connection. It fits http.Transport.DialContext.
func (s *Sim) Dial(ctx context.Context, _, _ string) (net.Conn, error) { return s.memory.dial(ctx) }

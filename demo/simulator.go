package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// ready is what the simulator's ready file tells of the tenant.
type ready struct {
	Graph     string `json:"graph"`
	Authority string `json:"authority"`
	CA        string `json:"ca"`
	Tenant    struct {
		ID     string `json:"id"`
		Domain string `json:"domain"`
	} `json:"tenant"`
	Apps []struct {
		Name        string `json:"name"`
		ClientID    string `json:"client_id"`
		Secret      string `json:"client_secret"`
		Certificate string `json:"certificate"`
	} `json:"apps"`
	Users []struct {
		ID       string `json:"id"`
		UPN      string `json:"userPrincipalName"`
		Password string `json:"password"`
	} `json:"users"`
	Tokens struct {
		Everything string `json:"everything"`
	} `json:"tokens"`
}

// simulator is Microsoft 365 in a process of its own.
type simulator struct {
	ready
	*child
}

// startSimulator starts the simulator and waits until it listens. The process
// ends with stop, and also when this one dies. Killed, it comes back at the same
// address with the tenant as it was: each change is on disk before it is answered.
func startSimulator(ctx context.Context, sc *screen, folder string, o Options) (*simulator, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	readyFile := filepath.Join(folder, "ready.json")
	s := &simulator{child: &child{name: "the simulator", screen: sc, executable: o.Executable, log: filepath.Join(folder, "simulator.log")}}
	s.args = []string{"sim", "--weather", "off", "--addr", address, "--seed", strconv.FormatUint(o.Seed, 10),
		"--users", strconv.Itoa(o.Users), "--ready", readyFile, "--truth", filepath.Join(folder, "truth.ndjson"),
		"--journal", filepath.Join(folder, "journal.ndjson"), "--http-notifications", "--until-stdin-ends"}
	if o.Record != "" {
		s.args = append(s.args, "--record", o.Record)
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	var broken error
	err = s.await(ctx, func() bool {
		raw, err := os.ReadFile(readyFile) // it is written when the simulator listens
		if err == nil {
			broken = json.Unmarshal(raw, &s.ready)
		}
		return err == nil
	})
	if err = errors.Join(err, broken); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// freeAddress is an address of this machine that nobody listens at.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// app is one of the registrations that the tenant is delivered with.
func (r ready) app(name string) (clientID, secret, certificate string) {
	for _, a := range r.Apps {
		if a.Name == name {
			return a.ClientID, a.Secret, a.Certificate
		}
	}
	return "", "", ""
}

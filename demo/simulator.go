package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
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
		ID  string `json:"id"`
		UPN string `json:"userPrincipalName"`
	} `json:"users"`
	Tokens struct {
		Everything string `json:"everything"`
	} `json:"tokens"`
}

// simulator is Microsoft 365 in a process of its own.
type simulator struct {
	ready
	command *exec.Cmd
	hold    io.Closer // the process ends when this is closed
	ended   chan error
	log     string
}

// startSimulator starts the simulator and waits until it listens. The process
// ends with stop, and also when this one dies.
func startSimulator(ctx context.Context, executable, folder string, o Options) (*simulator, error) {
	readyFile := filepath.Join(folder, "ready.json")
	s := &simulator{ended: make(chan error, 1), log: filepath.Join(folder, "simulator.log")}
	s.command = exec.Command(executable, "sim", "--weather", "off", "--addr", "127.0.0.1:0", "--seed", strconv.FormatUint(o.Seed, 10),
		"--users", strconv.Itoa(o.Users), "--ready", readyFile, "--truth", filepath.Join(folder, "truth.ndjson"),
		"--journal", filepath.Join(folder, "journal.ndjson"), "--http-notifications", "--until-stdin-ends")
	if o.Record != "" {
		s.command.Args = append(s.command.Args, "--record", o.Record)
	}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, fmt.Errorf("making the simulator's log: %w", err)
	}
	defer log.Close()
	s.command.Stdout, s.command.Stderr = log, log
	if s.hold, err = s.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	go func() { s.ended <- s.command.Wait() }()
	if err := s.await(ctx, readyFile); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// await waits for the ready file, which is written when the simulator listens.
func (s *simulator) await(ctx context.Context, file string) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		raw, err := os.ReadFile(file)
		if err == nil {
			if err := json.Unmarshal(raw, &s.ready); err != nil {
				return fmt.Errorf("reading the simulator's ready file: %w", err)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.ended:
			s.ended <- err
			said, _ := os.ReadFile(s.log)
			return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "demo.simulator", Cause: err,
				Say: fmt.Sprintf("The simulator ended before it listened: %s", said), Do: "Try graphwarden sim on its own."}
		case <-look.C:
		}
	}
}

// stop ends the simulator and waits for its end.
func (s *simulator) stop() error {
	if err := s.hold.Close(); err != nil {
		return fmt.Errorf("ending the simulator: %w", err)
	}
	select {
	case <-s.ended:
		return nil
	case <-time.After(5 * time.Second):
	}
	if err := s.command.Process.Kill(); err != nil {
		return fmt.Errorf("ending the simulator: %w", err)
	}
	<-s.ended
	return nil
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

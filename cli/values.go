package cli

import (
	"errors"
	"strconv"
	"time"
)

// portFlag is a port of this machine; 0 is any.
type portFlag int

func (p *portFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return errors.New("it is no port, from 0 to 65535")
	}
	*p = portFlag(n)
	return nil
}

func (p *portFlag) String() string { return strconv.Itoa(int(*p)) }
func (p *portFlag) Type() string   { return "int" }

// waitFlag is how long to wait, which is not before now.
type waitFlag time.Duration

func (w *waitFlag) Set(text string) error {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return err
	case d < 0:
		return errors.New("it is less than nothing")
	}
	*w = waitFlag(d)
	return nil
}

func (w *waitFlag) String() string { return time.Duration(*w).String() }
func (w *waitFlag) Type() string   { return "duration" }

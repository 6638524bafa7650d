package sim

import (
	"fmt"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// signInWish is what goes wrong when somebody signs in, with apps and people named
// as one likes.
type signInWish struct {
	Rules []entra.Trouble `json:"rules"`
	// SecretDelay is a Go duration that new client secrets take to work.
	SecretDelay *string `json:"secret_delay"`
}

func (s *Sim) signInTroubles() signInWish {
	var delay string
	_ = s.World.View(func(*state.Tx) error { delay = s.World.SecretDelay.String(); return nil }) // it does not fail
	return signInWish{Rules: s.Entra.Troubles(), SecretDelay: &delay}
}

// setSignIn replaces the errors that token requests meet.
func (s *Sim) setSignIn(_ *http.Request, in *signInWish) (any, error) {
	err := s.World.Update(func(tx *state.Tx) (err error) {
		s.World.SecretDelay = 0
		if in.SecretDelay != nil {
			if s.World.SecretDelay, err = time.ParseDuration(*in.SecretDelay); err != nil {
				return fmt.Errorf("reading secret_delay: %w", err)
			}
		}
		for i, r := range in.Rules {
			if in.Rules[i].App, in.Rules[i].User, err = s.named(tx, r.App, r.User); err != nil {
				return fmt.Errorf("rule %d: %w", i+1, err)
			}
		}
		return s.Entra.SetTroubles(in.Rules)
	})
	return s.signInTroubles(), err
}

// named gives the client id and the object id of an app and a person; "" stays.
func (s *Sim) named(tx *state.Tx, app, user string) (appID, userID string, err error) {
	if app != "" && app != "*" {
		if appID, err = s.findApp(tx, app); err != nil {
			return "", "", err
		}
	}
	if user != "" && user != "*" {
		userID, err = s.findRecipient(tx, user)
	}
	return appID, userID, err
}

// challengeWish says whose tokens are challenged from now on.
type challengeWish struct {
	App     string `json:"app"`
	User    string `json:"user"`
	Context string `json:"context"` // an authentication context that tokens must hold, such as "c1"
	All     bool   `json:"all"`     // also tokens of clients that did not say that they understand it
	Clear   bool   `json:"clear"`   // ends all challenges before
}

func (s *Sim) challenge(_ *http.Request, in *challengeWish) (any, error) {
	err := s.World.Update(func(tx *state.Tx) error {
		if in.Clear {
			s.Entra.ClearChallenges(tx)
			if in.App == "" && in.User == "" && in.Context == "" {
				return nil
			}
		}
		app, user, err := s.named(tx, in.App, in.User)
		if err != nil {
			return err
		}
		s.Entra.PutChallenge(tx, entra.Challenge{App: app, User: user, Context: in.Context, All: in.All})
		return nil
	})
	return struct{}{}, err
}

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/seal"
)

// AppKeys are made and ended by operators.
type AppKeys interface {
	Create(ctx context.Context, w appkey.Wanted) (appkey.Made, error)
	List(ctx context.Context, app string) ([]graphwarden.AppKey, error)
	One(ctx context.Context, id string) (graphwarden.AppKey, error)
	Rotate(ctx context.Context, id, by string, overlap time.Duration) (appkey.Made, error)
	Revoke(ctx context.Context, id, by string) (graphwarden.AppKey, error)
}

// App is an app that flows name.
type App struct {
	Name  string   `json:"name" example:"switchboard"`
	Flows []string `json:"flows" example:"office"`
	Keys  int      `json:"keys" doc:"how many of its keys are good now"`
}

// AppKey is a key as operators see it: never the key itself.
type AppKey struct {
	ID        string     `json:"id" example:"key_4kq7z2xw"`
	App       string     `json:"app" example:"switchboard"`
	State     string     `json:"state" rule:"oneof=active|expired|revoked"`
	Scope     string     `json:"scope" rule:"oneof=read|write" doc:"what it may: read, or read and write"`
	Flows     []string   `json:"flows" doc:"the flows that it is for; none means all of the app's"`
	Networks  []string   `json:"networks" doc:"from where it is taken; none means from anywhere" example:"10.1.0.0/16"`
	Note      string     `json:"note,omitempty"`
	MadeAt    time.Time  `json:"made_at"`
	ExpiresAt *time.Time `json:"expires_at" doc:"null: never"`
	RevokedAt *time.Time `json:"revoked_at"`
	UsedAt    *time.Time `json:"used_at" doc:"when it was last used, to the hour"`
	Replaces  string     `json:"replaces,omitempty" doc:"the id of the key that it was made to follow"`
}

// NewAppKey is a key that was just made. Nothing can show it again.
type NewAppKey struct {
	AppKey
	Key seal.Plain `json:"key" doc:"the key itself, shown this once" example:"gwk_…"`
}

// WantedKey says what a new key shall be.
type WantedKey struct {
	Scope       string   `json:"scope" rule:"oneof=read|write" doc:"read when nothing is said" example:"read"`
	Flows       []string `json:"flows" rule:"max=100" doc:"of the app's; none means all"`
	Networks    []string `json:"networks" rule:"max=100" doc:"from where it is taken, networks or addresses; none means from anywhere" example:"10.1.0.0/16"`
	ExpiresDays int      `json:"expires_days" rule:"min=0,max=3650" doc:"0: never" example:"90"`
	Note        string   `json:"note" rule:"max=200"`
	By          string   `json:"by" rule:"max=200" doc:"who makes it, for the ledger"`
}

// Following says how a key is followed by a new one.
type Following struct {
	OverlapHours *int   `json:"overlap_hours" rule:"min=0,max=720" doc:"how long the old key works on; 24 when nothing is said" example:"24"`
	By           string `json:"by" rule:"max=200" doc:"who does it, for the ledger"`
}

func (a *API) keyRoutes() []route {
	if a.config.AppKeys == nil {
		return nil
	}
	return []route{
		{pattern: "GET /v1/apps", name: "listApps", about: "the apps that flows name", out: Page[App]{}, answer: a.listApps},
		{pattern: "GET /v1/apps/{app}/keys", name: "listAppKeys", about: "the keys of an app, never the keys themselves", out: Page[AppKey]{}, codes: []string{"appkey.app", "api.name"}, answer: a.listKeys},
		{pattern: "POST /v1/apps/{app}/keys", name: "createAppKey", about: "make a key for an app, shown this once", in: WantedKey{}, out: NewAppKey{}, status: http.StatusCreated,
			codes: []string{"appkey.*"}, answer: a.createKey},
		{pattern: "GET /v1/keys/{key}", name: "getAppKey", about: "a key by its id, never the key itself", out: AppKey{}, codes: []string{"appkey.unknown"}, answer: a.oneKey},
		{pattern: "POST /v1/keys/{key}/rotate", name: "rotateAppKey", about: "make a key to follow another, which works on for a while", in: Following{}, out: NewAppKey{}, status: http.StatusCreated,
			codes: []string{"appkey.*"}, answer: a.rotateAppKey},
		{pattern: "POST /v1/keys/{key}/revoke", name: "revokeAppKey", about: "end a key at once", in: By{}, out: AppKey{}, codes: []string{"appkey.*"}, answer: a.revokeKey},
	}
}

func (a *API) listApps(r *http.Request) (any, error) {
	list := []App{}
	at := map[string]int{}
	for _, f := range a.config.Declared.Flows {
		i, seen := at[f.App]
		if !seen {
			i = len(list)
			at[f.App] = i
			list = append(list, App{Name: f.App})
		}
		list[i].Flows = append(list[i].Flows, f.Name)
	}
	for i := range list {
		keys, err := a.config.AppKeys.List(r.Context(), list[i].Name)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if k.State(a.config.Now()) == "active" {
				list[i].Keys++
			}
		}
	}
	return page(turn{limit: len(list)}, list, nil), nil
}

func (a *API) listKeys(r *http.Request) (any, error) {
	keys, err := a.config.AppKeys.List(r.Context(), r.PathValue("app"))
	if err == nil && len(keys) == 0 {
		err = a.named(r.Context(), anApp, "app", r.PathValue("app"))
	}
	list := make([]AppKey, len(keys))
	for i, k := range keys {
		list[i] = a.shownKey(k)
	}
	return page(turn{limit: len(list)}, list, nil), err
}

func (a *API) oneKey(r *http.Request) (any, error) {
	k, err := a.config.AppKeys.One(r.Context(), r.PathValue("key"))
	return a.shownKey(k), err
}

func (a *API) createKey(r *http.Request) (any, error) {
	var in WantedKey
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	made, err := a.config.AppKeys.Create(r.Context(), appkey.Wanted{App: r.PathValue("app"), Write: in.Scope == "write", Flows: in.Flows,
		For: time.Duration(in.ExpiresDays) * 24 * time.Hour, Note: in.Note, Networks: in.Networks, By: in.By})
	return NewAppKey{a.shownKey(made.Key), made.Plain}, err
}

func (a *API) rotateAppKey(r *http.Request) (any, error) {
	var in Following
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	hours := 24
	if in.OverlapHours != nil {
		hours = *in.OverlapHours
	}
	made, err := a.config.AppKeys.Rotate(r.Context(), r.PathValue("key"), in.By, time.Duration(hours)*time.Hour)
	return NewAppKey{a.shownKey(made.Key), made.Plain}, err
}

func (a *API) revokeKey(r *http.Request) (any, error) {
	var in By
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	k, err := a.config.AppKeys.Revoke(r.Context(), r.PathValue("key"), in.By)
	return a.shownKey(k), err
}

func (a *API) shownKey(k graphwarden.AppKey) AppKey {
	scope := map[bool]string{true: "write", false: "read"}[k.Write]
	flows := k.Flows
	if flows == nil {
		flows = []string{}
	}
	networks := make([]string, len(k.Networks))
	for i, n := range k.Networks {
		networks[i] = n.String()
	}
	return AppKey{ID: k.ID, Networks: networks, App: k.App, State: k.State(a.config.Now()), Scope: scope, Flows: flows, Note: k.Note, MadeAt: k.MadeAt.UTC(),
		ExpiresAt: moment(k.ExpiresAt), RevokedAt: moment(k.RevokedAt), UsedAt: moment(k.UsedAt), Replaces: k.Replaces}
}

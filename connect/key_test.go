package connect_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// dying is a store that stops working after some transactions, as a process that
// is killed.
type dying struct {
	*store.Store
	left int
}

var errKilled = errors.New("killed")

func (d *dying) Update(ctx context.Context, f func(context.Context, graphwarden.Tx) error) error {
	if d.left--; d.left < 0 {
		return errKilled
	}
	return d.Store.Update(ctx, f)
}

func keyOf(r *rig.Rig) string { return filepath.Join(filepath.Dir(r.Path), "key") }

// fill stores sealed tokens of many registrations.
func fill(t *testing.T, r *rig.Rig, sealer *seal.Sealer, rows int) {
	t.Helper()
	const atOnce = 5000
	for from := 0; from < rows; from += atOnce {
		err := r.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			for i := from; i < min(from+atOnce, rows); i++ {
				k := graphwarden.SealedToken{Tenant: "many", Registration: fmt.Sprintf("r%06d", i), Account: fmt.Sprint(i), Version: 1, ExpiresAt: tx.Now().Add(time.Hour)}
				var err error
				k.Sealed, err = sealer.Seal(seal.FromString(fmt.Sprint("token ", i)), seal.About{Tenant: k.Tenant, Registration: k.Registration, Account: k.Account, Version: 1})
				if err != nil {
					return err
				}
				if err := r.Store.PutToken(ctx, tx, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// keyRows is how many sealed tokens the key's rotation is tried with: R24 speaks
// of 100,000, which takes a while.
var keyRows = flag.Int("keyrows", 5000, "sealed tokens in the test of the key's rotation")

// TestTheKeyRotatesWhileTokensAreLent: over many rows, killed twice on the way,
// nobody is refused, and what is left opens with the new key only.
func TestTheKeyRotatesWhileTokensAreLent(t *testing.T) {
	rows := *keyRows
	r, m := rig.New(t, nil), &mint{}
	c := custody(t, r, m)
	wants(t, c, r, 1)
	sealer, err := seal.OpenKeyFile(keyOf(r), 1)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, r, sealer, rows)
	before, err := os.ReadFile(keyOf(r))
	if err != nil {
		t.Fatal(err)
	}
	lending, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	lent := 0
	all.Go(func() {
		for ; lending.Err() == nil; lent++ {
			if token, err := custody(t, r, m).Bearer(t.Context(), r.Registration); err != nil || !token.Equal(seal.FromString("token-1")) {
				t.Errorf("lent with %v", err)
				return
			}
		}
	})
	for _, transactions := range []int{0, 3} {
		if _, err := connect.RotateKey(t.Context(), &dying{r.Store, transactions}, sealer, 0); !errors.Is(err, errKilled) {
			t.Fatalf("killed: %v", err)
		}
	}
	other, err := seal.OpenKeyFile(keyOf(r), 1) // as after a start
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	out, err := connect.RotateKey(t.Context(), r.Store, other, 0)
	if err != nil || out.Resealed < rows-4*500 {
		t.Fatalf("%+v, %v", out, err)
	}
	spent := time.Since(begun)
	stop()
	all.Wait()
	t.Logf("%d rows in %s, %d tokens lent meanwhile", out.Resealed, spent, lent)
	wants(t, custody(t, r, m), r, 1)
	old := filepath.Join(t.TempDir(), "old")
	if err := os.WriteFile(old, before, 0o600); err != nil {
		t.Fatal(err)
	}
	former, err := seal.OpenKeyFile(old, 1)
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.Store.SealedTokens(t.Context(), "", "", 10)
	if err != nil || len(page) == 0 {
		t.Fatal(err)
	}
	for _, k := range page {
		about := seal.About{Tenant: k.Tenant, Registration: k.Registration, Account: k.Account, Version: k.Version}
		if _, err := former.Open(k.Sealed, about); err == nil {
			t.Error("the old key still opens a token")
		}
		if _, err := sealer.Open(k.Sealed, about); err != nil { // the first process, without a restart
			t.Errorf("a process that ran on does not open a token: %v", err)
		}
	}
}

// TestTheKeyRotatesWhereEachProcessHasItsFile: between any two copies of the file, each
// process opens what the other sealed, and at the end the old key opens nothing. While
// one still seals with the old key, that is not dropped.
func TestTheKeyRotatesWhereEachProcessHasItsFile(t *testing.T) {
	r := rig.New(t, nil)
	ours, err := seal.OpenKeyFile(keyOf(r), 0)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, r, ours, 3)
	path := filepath.Join(t.TempDir(), "key")
	give := func() []byte {
		t.Helper()
		raw, err := os.ReadFile(keyOf(r))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		return raw
	}
	before := give()
	theirs, err := seal.OpenKeyFile(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	version := int64(1)
	all := func(when string) {
		t.Helper()
		page, err := r.Store.SealedTokens(t.Context(), "", "", 10)
		if err != nil || len(page) == 0 {
			t.Fatal(len(page), err)
		}
		for _, k := range page {
			about := seal.About{Tenant: k.Tenant, Registration: k.Registration, Account: k.Account, Version: k.Version}
			for who, sealer := range map[string]*seal.Sealer{"ours": ours, "theirs": theirs} {
				if _, err := sealer.Open(k.Sealed, about); err != nil {
					t.Errorf("%s, %s does not open %s: %v", when, who, k.Registration, err)
				}
			}
		}
	}
	renew := func(by *seal.Sealer) { // as a process does at any moment
		t.Helper()
		version++
		k := graphwarden.SealedToken{Tenant: "many", Registration: "renewed", Version: version - 1, ExpiresAt: time.Now().Add(time.Hour)}
		k.Sealed, err = by.Seal(seal.FromString("renewed"), seal.About{Tenant: k.Tenant, Registration: k.Registration, Version: k.Version})
		if err == nil {
			err = r.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error { return r.Store.PutToken(ctx, tx, k) })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, stage := range []string{connect.KeyAdded, connect.KeySeals, connect.KeySeals, connect.KeyAlone} {
		out, err := connect.RotateKey(t.Context(), r.Store, ours, 1)
		if err != nil || out.Stage != stage || !strings.Contains(out.Left, "copy "+keyOf(r)) || strings.Contains(out.Left, "key rotate again") != (stage != connect.KeyAlone) {
			t.Fatalf("instead of %s: %+v, %v", stage, out, err)
		}
		renew(ours)
		all(stage + ", renewed by us")
		renew(theirs) // by the old key, while the file is not copied
		all(stage + ", renewed by them")
		give()
		all(stage + ", copied")
	}
	if out, err := os.ReadFile(path); err != nil || strings.Count(string(out), `"keyId"`) != 1 {
		t.Errorf("the file still has more than one key, %v", err)
	}
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	former, err := seal.OpenKeyFile(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.Store.SealedTokens(t.Context(), "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range page {
		if _, err := former.Open(k.Sealed, seal.About{Tenant: k.Tenant, Registration: k.Registration, Account: k.Account, Version: k.Version}); err == nil {
			t.Errorf("the old key opens %s", k.Registration)
		}
	}
}

// TestADatabaseRestoredWithoutItsKeyLendsNothing: neither without a key file nor
// with another.
func TestADatabaseRestoredWithoutItsKeyLendsNothing(t *testing.T) {
	r, m := rig.New(t, nil), &mint{}
	wants(t, custody(t, r, m), r, 1)
	if err := os.Remove(keyOf(r)); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenKeyFile(keyOf(r), 1); refusalOf(err) != "seal.key_missing" {
		t.Errorf("without a key: %v", err)
	}
	another, err := seal.OpenKeyFile(keyOf(r), 0)
	if err != nil {
		t.Fatal(err)
	}
	c := over(r, another, connect.Connection{Tenant: r.Tenant, Registration: r.Registration, Credential: entra.Credential{Secret: seal.FromString("s3cret")}})
	if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "seal.wrong_key" {
		t.Errorf("with another key: %v", err)
	}
}

// TestConnectingAnewReplacesAnAppsTokenThatDoesNotOpen, and the refusal says so.
func TestConnectingAnewReplacesAnAppsTokenThatDoesNotOpen(t *testing.T) {
	r, m := rig.New(t, nil), &mint{}
	wants(t, custody(t, r, m), r, 1)
	if err := os.Remove(keyOf(r)); err != nil {
		t.Fatal(err)
	}
	another, err := seal.OpenKeyFile(keyOf(r), 0)
	if err != nil {
		t.Fatal(err)
	}
	c := over(r, another, connect.Connection{Tenant: r.Tenant, Registration: r.Registration, Credential: entra.Credential{Secret: seal.FromString("s3cret")}})
	if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "seal.wrong_key" || !strings.Contains(doOf(err), "run: graphwarden connect "+r.Tenant.Name) {
		t.Errorf("with another key: %v", err)
	}
	if err := c.Connect(t.Context(), r.Registration, "test"); err != nil {
		t.Fatal(err)
	}
	wants(t, c, r, 2)
}

// TestSwappedRowsDoNotOpen copies the row of one connection over another's.
func TestSwappedRowsDoNotOpen(t *testing.T) {
	r := rig.New(t, nil)
	sealer, err := seal.OpenKeyFile(keyOf(r), 0)
	if err != nil {
		t.Fatal(err)
	}
	base := seal.About{Tenant: "contoso", Registration: "main#1", Account: rig.Alice, Version: 3}
	sealed, err := sealer.Seal(seal.FromString("x"), base)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*seal.About){
		"tenant": func(a *seal.About) { a.Tenant = "fabrikam" }, "registration": func(a *seal.About) { a.Registration = "main#2" },
		"account": func(a *seal.About) { a.Account = rig.Bob }, "version": func(a *seal.About) { a.Version = 4 },
		"no account":   func(a *seal.About) { a.Account = "" },
		"moved border": func(a *seal.About) { a.Registration, a.Account = "main#1"+rig.Alice[:1], rig.Alice[1:] },
	} {
		other := base
		change(&other)
		if _, err := sealer.Open(sealed, other); err == nil {
			t.Errorf("it opens with another %s", name)
		}
	}
}

// TestNoTwoConnectionsShareAPlace draws pairs of connections (R28): what differs in
// cloud, tenant, client, credential or permissions lies apart, what is equal lies
// together.
func TestNoTwoConnectionsShareAPlace(t *testing.T) {
	word := rapid.StringMatching(`[ab/#|: ]{0,3}`)
	draw := func(t *rapid.T, name string) connect.Connection {
		return connect.Connection{
			Tenant: graphwarden.Tenant{Name: "t", ID: word.Draw(t, name+" tenant"), Cloud: graphwarden.Cloud{
				Login: word.Draw(t, name+" login"), Graph: word.Draw(t, name+" graph")}},
			Registration: graphwarden.Registration{Name: "t/" + word.Draw(t, name+" name"), ClientID: word.Draw(t, name+" client"),
				Mode: rapid.SampledFrom([]graphwarden.SignIn{graphwarden.BySecret, graphwarden.ByCode}).Draw(t, name+" mode")},
			Credential: entra.Credential{Secret: seal.FromString(word.Draw(t, name+" secret"))},
			Scopes:     rapid.SliceOfN(rapid.StringMatching(`[ab]{1,2}`), 0, 2).Draw(t, name+" scopes"),
		}
	}
	says := func(c connect.Connection) string {
		proof := "secret"
		c.Credential.Secret.Reveal(func(plain []byte) { proof += string(plain) })
		if c.Registration.Mode.Delegated() {
			proof = "scopes" + strings.Join(c.Scopes, ",")
		}
		return fmt.Sprintf("%q", []string{c.Tenant.ID, c.Tenant.Cloud.Login, c.Tenant.Cloud.Graph, c.Registration.Name, c.Registration.ClientID, proof})
	}
	rapid.Check(t, func(t *rapid.T) {
		a, other := draw(t, "a"), draw(t, "b")
		b := a // and some of it like the other, so that few things differ
		for name, take := range map[string]func(){
			"tenant": func() { b.Tenant.ID = other.Tenant.ID }, "login": func() { b.Tenant.Cloud.Login = other.Tenant.Cloud.Login },
			"graph": func() { b.Tenant.Cloud.Graph = other.Tenant.Cloud.Graph }, "name": func() { b.Registration.Name = other.Registration.Name },
			"client": func() { b.Registration.ClientID = other.Registration.ClientID }, "mode": func() { b.Registration.Mode = other.Registration.Mode },
			"secret": func() { b.Credential = other.Credential }, "scopes": func() { b.Scopes = other.Scopes },
		} {
			if rapid.Bool().Draw(t, "another "+name) {
				take()
			}
		}
		if same := says(a) == says(b); (connect.Place(a) == connect.Place(b)) != same {
			t.Errorf("%s and %s lie at %s and %s", says(a), says(b), connect.Place(a), connect.Place(b))
		}
	})
}

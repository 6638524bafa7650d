package assemble_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// configured writes a configuration that is whole but for its database.
func configured(t *testing.T, database string) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("database.secret", "right\n")
	return write("graphwarden.yaml", database+`
tenants:
  contoso:
    id: contoso.example
    registrations:
      reader: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, secret_file: s}
flows:
  f: {app: crm, kind: calendar, tenant: contoso, registration: reader, mailboxes: [ada@contoso.example], sink: {url: "https://crm.example", secret_file: s}}
`)
}

func TestADatabaseOnAServerIsReachedAndItsPasswordIsRead(t *testing.T) {
	t.Parallel()
	server := pg.Start(t)
	url := server.New(t)
	pg.Exec(t, url, `CREATE ROLE plain LOGIN PASSWORD 'right'; ALTER DATABASE `+url[strings.LastIndex(url, "/")+1:]+` OWNER TO plain`)
	if err := server.Allow(t.Context(), "host all all 127.0.0.1/32 scram-sha-256"); err != nil {
		t.Fatal(err)
	}
	c, err := assemble.Load(configured(t, "database: "+strings.Replace(url, "postgres@", "plain@", 1)+"\ndatabase_password_file: database.secret"))
	if err != nil {
		t.Fatal(err)
	}
	o, err := c.StoreOptions(assemble.Outside{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := o.Dial(t.Context(), "tcp", "127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "public internet") {
		t.Errorf("the way to the database leads elsewhere, too: %v", err)
	}
	if name := c.DatabaseName(); strings.Contains(name, "plain") || !strings.Contains(name, server.Host()) {
		t.Errorf("it is called %s", name)
	}
}

func TestADatabaseThatCannotBeIsRefused(t *testing.T) {
	for text, at := range map[string]string{
		"database: mysql://127.0.0.1/x":                                                 "database:",
		"database: x.db\ndatabase_password_file: database.secret":                       "database_password_file:",
		"database: postgres://u:p@127.0.0.1/x\ndatabase_password_file: database.secret": "database_password_file:",
	} {
		_, err := assemble.Load(configured(t, text))
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || r.Code != "config.wrong" || !strings.Contains(r.Say, at) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestTheDiskThatIsWatchedIsWhereALinkLeads, not the one that the link lies on.
func TestTheDiskThatIsWatchedIsWhereALinkLeads(t *testing.T) {
	t.Parallel()
	path := configured(t, "database: link.db")
	disk := t.TempDir()
	if err := os.Symlink(filepath.Join(disk, "graphwarden.db"), filepath.Join(filepath.Dir(path), "link.db")); err != nil {
		t.Skip(err)
	}
	c, err := assemble.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if folder, is := c.DatabaseFolder(); !is || folder != store.Resolve(disk) {
		t.Errorf("the folder is %q", folder)
	}
}

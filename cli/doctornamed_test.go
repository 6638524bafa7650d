package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDoctorFindsWhatServeWouldRefuse: a CA file that is not there, and a signing
// secret that is none, with whose it is.
func TestTheDoctorFindsWhatServeWouldRefuse(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	secret := filepath.Join(filepath.Dir(config), "sink.secret")
	right, err := os.ReadFile(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := run(t, "doctor", "--config", config); !strings.Contains(out, "fail     Of the sink office: the signing secret in "+secret+" does not begin with whsec_.") {
		t.Errorf("a wrong signing secret: %s", out)
	}
	if err := os.WriteFile(secret, right, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, results, _ := diagnosis(t, config); results["doctor.declared"] != "pass" {
		t.Fatalf("what is right: %s", results["doctor.declared"])
	}
	rewrite(t, config, "secret_file: sink.secret", "ca: nothere.pem, secret_file: sink.secret")
	if _, out, _ := run(t, "doctor", "--config", config); !strings.Contains(out, "fail     The CA file "+filepath.Join(filepath.Dir(config), "nothere.pem")+" cannot be read.") {
		t.Errorf("no CA file of a sink: %s", out)
	}
	rewrite(t, config, "ca: nothere.pem, ", "")
	rewrite(t, config, "    ca: ", "    ca: nothere.pem # ")
	if _, results, _ := diagnosis(t, config); results["doctor.declared"] != "fail" {
		t.Errorf("no CA file of a tenant: %s", results["doctor.declared"])
	}
}

// TestTheDoctorAdvisesWhatFitsTheFile: a secret is made by nobody but its owner, and a
// device gets no other mode.
func TestTheDoctorAdvisesWhatFitsTheFile(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	if err := os.Remove(filepath.Join(filepath.Dir(config), "calendar.secret")); err != nil {
		t.Fatal(err)
	}
	rewrite(t, config, "reader.secret", os.DevNull)
	_, out, _ := run(t, "doctor", "--config", config)
	if strings.Contains(out, "chmod 600 "+os.DevNull) || !strings.Contains(out, os.DevNull+" is no file that could hold a secret.") ||
		!strings.Contains(out, "or put the credential of contoso/calendar there.") || strings.Contains(out, "start the server once") || strings.Count(out, "the first graphwarden serve makes it") != 1 {
		t.Errorf("it says:\n%s", out)
	}
}

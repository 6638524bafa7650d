package interop

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go-core/authentication"
)

// tenant is what the ready file says about the simulated tenant.
type tenant struct {
	Graph, Authority string
	Tenant           struct{ ID, Domain string }
	Apps             []app
	Users            []user
}

type app struct {
	Name, Certificate string
	ClientID          string `json:"client_id"`
	ClientSecret      string `json:"client_secret"`
}

type user struct {
	ID, UserPrincipalName, Password string
}

// graphScope asks for whatever the app was consented to.
const graphScope = "https://graph.microsoft.com/.default"

// open reads the ready file.
func open(t *testing.T) tenant {
	t.Helper()
	path := os.Getenv("GRAPHWARDEN_READY")
	if path == "" {
		t.Fatal("GRAPHWARDEN_READY names no ready file: run interop/run.sh, which starts the simulated tenant.")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var x tenant
	if err := json.Unmarshal(raw, &x); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return x
}

func (x tenant) app(t *testing.T, name string) app {
	t.Helper()
	i := slices.IndexFunc(x.Apps, func(a app) bool { return a.Name == name })
	if i < 0 {
		t.Fatalf("the tenant has no app %s", name)
	}
	return x.Apps[i]
}

// options point azidentity at the tenant instead of Microsoft's cloud.
func (x tenant) options() azcore.ClientOptions {
	return azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: x.Authority + "/"}}
}

// secret is the credential of an app with its secret.
func (x tenant) secret(t *testing.T, a app) azcore.TokenCredential {
	t.Helper()
	c, err := azidentity.NewClientSecretCredential(x.Tenant.ID, a.ClientID, a.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: x.options(), DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client calls Graph with a credential; scopes are those to ask for.
func (x tenant) client(t *testing.T, c azcore.TokenCredential, scopes ...string) *graph.GraphServiceClient {
	t.Helper()
	at, err := url.Parse(x.Graph)
	if err != nil {
		t.Fatal(err)
	}
	if len(scopes) == 0 {
		scopes = []string{graphScope}
	}
	auth, err := authentication.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(c, scopes, []string{at.Hostname()})
	if err != nil {
		t.Fatal(err)
	}
	adapter, err := graph.NewGraphRequestAdapter(auth)
	if err != nil {
		t.Fatal(err)
	}
	adapter.SetBaseUrl(x.Graph + "/v1.0")
	return graph.NewGraphServiceClient(adapter)
}

// as calls Graph as one of the delivered apps.
func (x tenant) as(t *testing.T, name string) *graph.GraphServiceClient {
	t.Helper()
	return x.client(t, x.secret(t, x.app(t, name)))
}

// signedIn calls Graph as a person who signed in by device code.
func (x tenant) signedIn(t *testing.T, who user, scopes ...string) *graph.GraphServiceClient {
	t.Helper()
	return x.client(t, x.device(t, "accept", who), scopes...)
}

// faults sets the simulator's weather rules; they are gone when the test ends.
func (x tenant) faults(t *testing.T, rules string) {
	t.Helper()
	x.steer(t, "faults", `{"rules":`+rules+`}`)
	t.Cleanup(func() { x.steer(t, "faults", `{}`) })
}

// steer tells the simulator something under /sim.
func (x tenant) steer(t *testing.T, what, body string) {
	t.Helper()
	answer, err := http.Post(x.Graph+"/sim/"+what, "application/json", strings.NewReader(body))
	fine(t, err)
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("POST /sim/%s %s: %s", what, body, answer.Status)
	}
}

package interop

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	khttp "github.com/microsoft/kiota-http-go"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go-core/authentication"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// TestMicrosoftsOwnHosts leaves every address as Microsoft's SDKs have it built
// in, instance discovery included; only name resolution leads to the tenant, as
// an entry in the hosts file would.
func TestMicrosoftsOwnHosts(t *testing.T) {
	x, ctx := open(t), t.Context()
	tenantAt, err := url.Parse(x.Graph)
	fine(t, err)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !strings.HasPrefix(address, "login.microsoft") && !strings.HasPrefix(address, "graph.microsoft.com:") {
			t.Errorf("the SDK wants to reach %s", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, tenantAt.Host)
	}
	everything := x.app(t, "everything")
	cred, err := azidentity.NewClientSecretCredential(x.Tenant.ID, everything.ClientID, everything.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: azcore.ClientOptions{Transport: &http.Client{Transport: transport}}})
	fine(t, err)
	auth, err := authentication.NewAzureIdentityAuthenticationProvider(cred)
	fine(t, err)
	options := graph.GetDefaultClientOptions()
	client := core.GetDefaultClient(&options)
	client.Transport = khttp.NewCustomTransportWithParentTransport(transport, core.GetDefaultMiddlewaresWithOptions(&options)...)
	adapter, err := graph.NewGraphRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(auth, nil, nil, client)
	fine(t, err)
	c := graph.NewGraphServiceClient(adapter)

	q := &users.UsersRequestBuilderGetQueryParameters{Top: new(int32(10)), Select: []string{"id"}}
	page, err := c.Users().Get(ctx, &users.UsersRequestBuilderGetRequestConfiguration{QueryParameters: q})
	fine(t, err)
	if next := value(page.GetOdataNextLink()); !strings.HasPrefix(next, "https://graph.microsoft.com/v1.0/users?") {
		t.Errorf("the next page is at %q", next)
	}
	it, err := core.NewPageIterator[models.Userable](page, adapter, models.CreateUserCollectionResponseFromDiscriminatorValue)
	fine(t, err)
	n := 0
	fine(t, it.Iterate(ctx, func(models.Userable) bool { n++; return true }))
	if n < len(x.Users) {
		t.Errorf("%d users, want %d at least", n, len(x.Users))
	}
}

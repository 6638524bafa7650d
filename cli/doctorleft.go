package cli

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// leftBehind finds secrets in Entra that a rotation made and no file holds, where
// the tenant's reader may see them.
func leftBehind(ctx context.Context, server *client) (list []Examined) {
	_ = everything(ctx, server, "/v1/connections", nil, func(v connect.View) error {
		var found connect.Unuseds
		if v.Credential != "secret" || server.call(ctx, "POST", "/v1/connections/"+v.Tenant+"/"+v.Registration+"/unused", nil, api.Proof{}, &found) != nil || !found.Known {
			return nil
		}
		x := check("doctor.unused_secrets", "The app of "+v.Tenant+"/"+v.Registration+" has no secrets that a rotation left behind.", nil)
		if len(found.Unused) > 0 {
			x.Result, x.What = "warn", fmt.Sprintf("The app of %s/%s has %s that a rotation left behind.", v.Tenant, v.Registration, counted(len(found.Unused), "secret", "secrets"))
			x.Fix = "Run: graphwarden connect tidy " + v.Tenant + " " + v.Registration
		}
		list = append(list, x)
		return nil
	}) // what cannot be asked shows as another check
	return list
}

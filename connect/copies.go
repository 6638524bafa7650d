package connect

import (
	"context"
	"fmt"
)

// others is how many other processes live on the database.
func (d *Desk) others(ctx context.Context) (int, error) {
	if d.Others == nil {
		return 0, nil
	}
	n, err := d.Others(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting the processes on this database: %w", err)
	}
	return n, nil
}

// copied says that a file which was changed has to come to the machines of the other
// processes, "" for none. Nobody here can see whether they have it.
func copied(others int, file string) string {
	if others == 0 {
		return ""
	}
	who := "Another process works"
	if others > 1 {
		who = fmt.Sprintf("%d other processes work", others)
	}
	return fmt.Sprintf("%s on this database: copy %s to every machine that has a copy of its own, where it is taken up without a restart.", who, file)
}

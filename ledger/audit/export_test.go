package audit

import (
	"io/fs"
	"slices"
)

// Resumable reads tiles that are sound, and gives for each of the lowest level, in their
// order, what verifies other files from there on, as a verification that has found all
// before it to be as it was written goes on.
func Resumable(folder fs.FS, against Checkpoint) ([]func(fs.FS) (Report, error), error) {
	var all []func(fs.FS) (Report, error)
	var up [][]byte
	for first := int64(0); first < against.Size; first += block {
		before := slices.Clone(up)
		all = append(all, func(other fs.FS) (Report, error) {
			a := newAudit(&against, nil)
			for i, root := range before {
				one, err := a.ranges.NewRange(uint64(i)*block, uint64(i+1)*block, [][]byte{root})
				if err != nil {
					return Report{}, err
				}
				if err := a.all.AppendRange(one, nil); err != nil {
					return Report{}, err
				}
			}
			a.report.Entries, a.block = first, a.ranges.NewEmptyRange(uint64(first))
			return a.close(a.tiles(other, against, slices.Clone(before)))
		})
		if against.Size-first >= block {
			tile, err := readTile(folder, 0, first/block, block)
			if err != nil {
				return nil, err
			}
			up = append(up, rootOf(tile))
		}
	}
	return all, nil
}

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// resource is a file or a shard of one, and its SHA-256.
type resource struct {
	name   string
	digest [sha256.Size]byte
}

// gitPaths are ignored unless the user says otherwise, which these fixtures have no use for.
var gitPaths = []string{".git", ".gitignore", ".gitattributes", ".github"}

// serialization is how the Go client's statement says that a model was read.
type serialization struct {
	ignored   []string // what the user told, then gitPaths
	shardSize int64    // bytes; 0 for whole files
}

func (s serialization) algorithm() string {
	if s.shardSize == 0 {
		return "sha256"
	}
	return fmt.Sprintf("sha256-sharded-%d", s.shardSize)
}

// read lists a folder's resources in the order of their names' bytes. Links are an error to that client; here there are none.
func read(model string, how serialization) ([]resource, error) {
	var listed []resource
	err := filepath.WalkDir(model, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(model, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		for _, root := range how.ignored {
			if name == root || strings.HasPrefix(name, root+"/") {
				return nil
			}
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if how.shardSize == 0 {
			listed = append(listed, resource{name, sha256.Sum256(content)})
			return nil
		}
		for start := int64(0); start < int64(len(content)); start += how.shardSize {
			end := min(start+how.shardSize, int64(len(content)))
			shard := fmt.Sprintf("%s:%d:%d", name, start, end)
			listed = append(listed, resource{shard, sha256.Sum256(content[start:end])})
		}
		return nil
	})
	slices.SortStableFunc(listed, func(a, b resource) int { return strings.Compare(a.name, b.name) })
	return listed, err
}

func rootDigest(listed []resource) string {
	hash := sha256.New()
	for _, one := range listed {
		hash.Write(one.digest[:])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

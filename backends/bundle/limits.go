package bundle

// What is read from disk is bounded, so that a wrong or hostile file is an error and not a
// machine out of memory. Each limit is well above what the rules themselves can reach.
const (
	maxManifest   = 256 << 20 // bytes
	maxNetwork    = 1 << 30   // bytes
	maxProvenance = 4 << 30   // bytes
	maxText       = 8 << 30   // bytes of one target's file
	maxRedirect   = 16 << 20  // bytes of one ordinary switch's file
	maxUpdate     = 4 << 20   // bytes of one update: gRPC servers take messages of 4 MiB
	maxEntities   = 1 << 24   // of one target
	maxTargetName = 80        // bytes: escaped, it is still a file name
	writers       = 2         // jobs side by side: more than two are held up by the disk and the garbage collector
	readers       = 2
)

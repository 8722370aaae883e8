package a

import "github.com/bradfitz/gomemcache/memcache"

// A value that is not cached costs one more miss; one that stays in the cache
// when it should not, or is not counted, is wrong.
func cacheWrites(c *memcache.Client, item *memcache.Item) {
	c.Set(item)
	go c.Set(item)
	c.Add(item)
	c.Touch("k", 60)
	c.Delete("k")          // want `the error of c.Delete is thrown away`
	c.Increment("k", 1)    // want `the error of c.Increment is thrown away`
	c.CompareAndSwap(item) // want `the error of c.CompareAndSwap is thrown away`
}

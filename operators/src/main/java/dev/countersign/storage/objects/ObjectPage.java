package dev.countersign.storage.objects;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param keys the objects
 * @param prefixes of a listing that is not recursive: the common beginnings of further keys, each
 *     with the slash at its end
 * @param next what the next page begins with, opaque; empty if this is the last one
 */
public record ObjectPage(List<StoredKey> keys, List<String> prefixes, String next) {}

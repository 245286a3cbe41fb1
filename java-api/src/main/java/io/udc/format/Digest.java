package io.udc.format;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** SHA-256 digests as texts. */
final class Digest {

    private Digest() {}

    static String of(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Digest of all keys and values, in order of the keys. */
    static String of(Map<String, String> texts) {
        SortedMap<String, String> sorted = new TreeMap<>(texts);
        StringBuilder all = new StringBuilder();
        sorted.forEach((key, value) -> all.append(key).append('\n').append(value).append('\n'));
        return of(all.toString().getBytes(StandardCharsets.UTF_8));
    }
}

package io.udc.image;

import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Recognises picture files by their first bytes and checks that they are whole. Decoders fill what a
 * truncated file lacks with grey or black and report success, so completeness is established here from the
 * file's own structure.
 */
enum ImageFormat {
    /** ISO/IEC 10918-1: marker segments and entropy-coded data from SOI to EOI. */
    JPEG(0xff, 0xd8, 0xff) {
        @Override
        Optional<String> defect(byte[] file) {
            int at = 2;
            while (at + 1 < file.length) {
                if ((file[at] & 0xff) != 0xff) {
                    at++; // entropy-coded data, or padding between segments
                    continue;
                }
                int marker = file[at + 1] & 0xff;
                if (marker == 0xd9) {
                    return Optional.empty();
                }
                boolean alone = marker == 0x00 || marker == 0x01 || marker >= 0xd0 && marker <= 0xd8;
                if (marker == 0xff) {
                    at++;
                } else if (alone || at + 3 >= file.length) {
                    at += 2;
                } else {
                    at += 2 + ((file[at + 2] & 0xff) << 8 | file[at + 3] & 0xff);
                }
            }
            return Optional.of("truncated: no end marker in " + file.length + " bytes");
        }
    },
    /** ISO/IEC 15948: chunks with checksums from IHDR to IEND. */
    PNG(0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a) {
        @Override
        Optional<String> defect(byte[] file) {
            int at = 8;
            while (at + 12 <= file.length) {
                long length = bigEndian(file, at);
                if (length > file.length - at - 12) {
                    break;
                }
                CRC32 crc = new CRC32();
                crc.update(file, at + 4, (int) length + 4);
                if (crc.getValue() != bigEndian(file, at + 8 + (int) length)) {
                    return Optional.of("corrupt: wrong checksum in the chunk at byte " + at);
                }
                if (file[at + 4] == 'I' && file[at + 5] == 'E' && file[at + 6] == 'N'
                        && file[at + 7] == 'D') {
                    return Optional.empty();
                }
                at += 12 + (int) length;
            }
            return Optional.of("truncated: no IEND chunk in " + file.length + " bytes");
        }
    },
    /** Windows bitmap; the header states the file's length. */
    BMP('B', 'M') {
        @Override
        Optional<String> defect(byte[] file) {
            long stated = file.length < 6
                    ? Long.MAX_VALUE
                    : Integer.toUnsignedLong(Integer.reverseBytes((int) bigEndian(file, 2)));
            return stated <= file.length
                    ? Optional.empty()
                    : Optional.of("truncated: found " + file.length + " bytes, the header states more");
        }
    };

    private final byte[] signature;

    ImageFormat(int... signature) {
        this.signature = new byte[signature.length];
        for (int i = 0; i < signature.length; i++) {
            this.signature[i] = (byte) signature[i];
        }
    }

    /** The format that a file's first bytes announce. */
    static Optional<ImageFormat> of(byte[] file) {
        return Arrays.stream(values())
                .filter(format -> file.length >= format.signature.length
                        && Arrays.equals(format.signature, Arrays.copyOf(file, format.signature.length)))
                .findFirst();
    }

    /** What is wrong with a file of this format, or nothing if it is whole. */
    abstract Optional<String> defect(byte[] file);

    private static long bigEndian(byte[] file, int at) {
        long value = 0;
        for (int i = at; i < at + 4; i++) {
            value = value << 8 | file[i] & 0xff;
        }
        return value;
    }
}

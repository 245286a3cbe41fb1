package io.udc.tflite;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Changes files in the places and by the values that hurt readers of FlatBuffers. */
final class TfliteMutator {

    private static final int[] NUMBERS = {
        0, 1, -1, 2, 4, 8, 127, 128, 255, 256, 4096, 65_535, 65_536, 1 << 20, 1 << 26, 1 << 30, Integer.MAX_VALUE,
        Integer.MIN_VALUE
    };

    private TfliteMutator() {}

    /** A copy of a file with one to four changes. */
    static byte[] mutate(byte[] original, Random random) {
        byte[] changed = original.clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            changed = mutateOnce(changed, random);
        }
        return changed;
    }

    private static byte[] mutateOnce(byte[] file, Random random) {
        if (file.length < 16) {
            return file;
        }
        int at = random.nextInt(file.length);
        int word = random.nextInt(file.length / 4) * 4;
        ByteBuffer words = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        switch (random.nextInt(8)) {
            case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> file[at] = (byte) random.nextInt(256);
            case 2 -> words.putInt(word, NUMBERS[random.nextInt(NUMBERS.length)]);
            case 3 -> words.putInt(word, words.getInt(word) + random.nextInt(33) - 16);
            case 4 -> words.putInt(word, words.getInt(random.nextInt(file.length / 4) * 4));
            case 5 -> words.putShort(word, (short) random.nextInt(64));
            case 6 -> {
                int length = Math.min(random.nextInt(64), file.length - at);
                System.arraycopy(file, random.nextInt(file.length - length + 1), file, at, length);
            }
            default -> {
                return random.nextInt(4) == 0 ? Arrays.copyOf(file, at) : file;
            }
        }
        return file;
    }
}

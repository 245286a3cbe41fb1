package io.udc.npu;

import io.udc.bindings.Npu;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/** Encoded sizes of several operators in native memory, for the time of one call. */
final class NativeSizes implements AutoCloseable {

    private final Npu.udc_npu_weight_sizes sizes;
    private final List<EncodedSizes> sources;
    private final List<Pointer> owned = new ArrayList<>();
    private RuntimeException failure;

    NativeSizes(List<EncodedSizes> sources) {
        this.sources = List.copyOf(sources);
        sizes = new Npu.udc_npu_weight_sizes(sources.size());
        sizes.zero();
        owned.add(sizes);
        Callback callback = own(new Callback());
        for (int i = 0; i < sources.size(); i++) {
            EncodedSizes source = sources.get(i);
            Npu.udc_npu_weight_sizes slot = sizes.getPointer(i);
            if (source instanceof EncodedSizes.Given given) {
                fill(slot, given);
            } else if (source instanceof EncodedSizes.Encoded) {
                slot.encode(callback);
                slot.user(own(new IntPointer(1L).put(i)));
            }
        }
    }

    Npu.udc_npu_weight_sizes pointer() {
        return sizes;
    }

    /** Throws what an encoder has thrown, if one has. */
    void rethrow() {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        owned.forEach(Pointer::close);
    }

    private void fill(Npu.udc_npu_weight_sizes slot, EncodedSizes.Given given) {
        List<EncodedSizes.Range> ranges = given.ranges();
        slot.full_bytes(given.total());
        if (ranges.isEmpty()) {
            return;
        }
        slot.range_count(ranges.size());
        slot.range_begin(own(new IntPointer(
                ranges.stream().mapToInt(EncodedSizes.Range::begin).toArray())));
        slot.range_end(
                own(new IntPointer(ranges.stream().mapToInt(EncodedSizes.Range::end).toArray())));
        slot.range_bytes(own(new LongPointer(
                ranges.stream().mapToLong(EncodedSizes.Range::bytes).toArray())));
    }

    private <P extends Pointer> P own(P pointer) {
        owned.add(pointer);
        return pointer;
    }

    /**
     * Asks Java for a size; one for all operators, because JavaCPP keeps few callbacks of a class. Exceptions must not
     * unwind native frames, so they wait for {@link #rethrow}.
     */
    private final class Callback extends Npu.udc_npu_encoded_bytes {

        @Override
        public int call(
                Pointer user, Npu.udc_npu_op rewritten, int ofmBlockDepth, int begin, int end, LongPointer bytes) {
            EncodedSizes.Encoded source = (EncodedSizes.Encoded) sources.get(new IntPointer(user).get());
            try {
                bytes.put(source.encoder().bytes(ofmBlockDepth, begin, end));
                return Npu.UDC_NPU_OK;
            } catch (RuntimeException e) {
                failure = e;
                return Npu.UDC_NPU_INVALID_ARGUMENT;
            }
        }
    }
}

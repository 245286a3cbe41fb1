package io.udc.device;

import io.udc.memory.StepScope;
import java.util.SplittableRandom;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.OptionalDeviceGuard;
import org.bytedeco.pytorch.cuda.CUDAAllocator;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair;
import org.bytedeco.pytorch.cuda.StreamFilter;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Libtorch's work on a GPU as a CUDA graph. The calls and their order are those of libtorch's own
 * {@code at::cuda::CUDAGraph}, which the presets do not map; that one also takes care of random numbers, which the
 * work must not draw here. Memory that the work takes from libtorch while it is recorded comes from a pool of the
 * graph's own, where nobody else's tensors ever lie. Takes the CUDA build; the CPU's never loads this class.
 */
public final class CudaGraph implements RecordedWork {

    private final Device device;
    private final CUDAStream side;
    private final LongPointer poolId;
    private final StreamFilter sideOnly;
    private int poolUses;
    private CUgraphExec_st graph;

    /** @param device a GPU that answers */
    public CudaGraph(Device device) {
        this.device = device;
        try (StepScope scope = StepScope.open()) {
            side = scope.keep(torch_cuda.getStreamFromPool(false, index()));
            // A pair of numbers, one of them 0, that no other pool has. Libtorch counts its own from 1.
            long number = new SplittableRandom().nextLong(1L << 32, Long.MAX_VALUE);
            poolId = scope.keep(new LongPointer(number, 0));
            sideOnly = scope.keep(new AddressFilter(side.stream().address()));
        }
    }

    private byte index() {
        return (byte) device.index();
    }

    @Override
    public void warmUp(Runnable work) {
        onSide(work);
    }

    @Override
    public void capture(Runnable work) {
        discard();
        onSide(() -> graph = instantiate(recordFromPool(work)));
    }

    @Override
    public void replay() {
        if (graph == null) {
            throw new IllegalStateException("nothing was recorded");
        }
        try (StepScope scope = StepScope.open();
                OptionalDeviceGuard guard = new OptionalDeviceGuard(Devices.toTorch(device))) {
            check(cudart.cudaGraphLaunch(graph, torch_cuda.getCurrentCUDAStream(index()).stream()));
        }
    }

    /**
     * Does work on a stream of its own, as the default stream cannot be recorded. Both streams are waited for, so
     * that neither sees memory that the other still works on.
     */
    private void onSide(Runnable work) {
        try (StepScope scope = StepScope.open();
                OptionalDeviceGuard guard = new OptionalDeviceGuard(Devices.toTorch(device))) {
            CUDAStream current = torch_cuda.getCurrentCUDAStream(index());
            current.synchronize();
            torch_cuda.setCurrentCUDAStream(side);
            try {
                work.run();
            } finally {
                torch_cuda.setCurrentCUDAStream(current);
                side.synchronize();
            }
        }
    }

    /** The pool is there before the recording begins and until it has ended, as threads of libtorch free memory. */
    private CUgraph_st recordFromPool(Runnable work) {
        CUDAAllocator allocator = torch_cuda.getAllocator();
        allocator.beginAllocateToPool(index(), pool(), sideOnly);
        poolUses++;
        try {
            return record(work);
        } finally {
            allocator.endAllocateToPool(index(), pool());
        }
    }

    private CUgraph_st record(Runnable work) {
        // Relaxed: the backward pass enqueues from a thread of libtorch, and loaders of pictures go on meanwhile.
        check(cudart.cudaStreamBeginCapture(side.stream(), cudart.cudaStreamCaptureModeRelaxed));
        CUgraph_st recorded = new CUgraph_st();
        boolean complete = false;
        try {
            work.run();
            complete = true;
        } finally {
            int status = cudart.cudaStreamEndCapture(side.stream(), recorded);
            if (complete) {
                check(status);
            } else {
                cudart.cudaGetLastError();
                destroy(recorded);
            }
        }
        return recorded;
    }

    private static CUgraphExec_st instantiate(CUgraph_st recorded) {
        try {
            CUgraphExec_st executable = new CUgraphExec_st();
            check(cudart.cudaGraphInstantiateWithFlags(
                    executable, recorded, cudart.cudaGraphInstantiateFlagAutoFreeOnLaunch));
            return executable;
        } finally {
            destroy(recorded);
        }
    }

    private static void destroy(CUgraph_st recorded) {
        if (!recorded.isNull()) {
            cudart.cudaGraphDestroy(recorded);
        }
    }

    private static void check(int status) {
        if (status != cudart.cudaSuccess) {
            cudart.cudaGetLastError(); // or libtorch would take it for an error of its next kernel
            throw new IllegalStateException(cudart.cudaGetErrorString(status).getString());
        }
    }

    /** The presets take a pool's id, two integers, for a pair of vectors, and would free one of their own as such. */
    private DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair pool() {
        return new DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair(poolId);
    }

    private void discard() {
        if (graph != null) {
            try (StepScope scope = StepScope.open()) {
                torch_cuda.getCurrentCUDAStream(index()).synchronize();
            }
            cudart.cudaGraphExecDestroy(graph);
            graph = null;
        }
    }

    @Override
    public void close() {
        discard();
        for (; poolUses > 0; poolUses--) {
            torch_cuda.getAllocator().releasePool(index(), pool());
        }
        sideOnly.close();
        poolId.close();
        side.close();
    }

    /** Whose memory comes from the pool: asked by libtorch, on any of its threads. */
    private static final class AddressFilter extends StreamFilter {
        private final long address;

        AddressFilter(long address) {
            this.address = address;
        }

        @Override
        public boolean call(Pointer stream) {
            return stream != null && stream.address() == address;
        }
    }
}

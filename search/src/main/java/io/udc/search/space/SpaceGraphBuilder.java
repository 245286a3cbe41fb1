package io.udc.search.space;

import io.udc.arch.Shape;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer.Type;
import java.util.ArrayList;
import java.util.List;

/** Unrolls a space into decisions, blocks and layers, in execution order. */
final class SpaceGraphBuilder {

    private final SearchSpace space;
    private final Shape input;
    private final Head head;
    private final List<Decision> decisions = new ArrayList<>();
    private final List<SearchLayer> layers = new ArrayList<>();
    private final List<SearchBlock> blocks = new ArrayList<>();
    private SearchLayer stem;
    private SearchLayer last;

    /** Where the builder stands: the shape of the map that the next layer reads. */
    private Extent trunk;

    private int height;
    private int width;

    SpaceGraphBuilder(SearchSpace space, Shape input, Head head) {
        this.space = space;
        this.input = input;
        this.head = head;
        this.trunk = Extent.fixed(input.channels());
        this.height = input.height();
        this.width = input.width();
    }

    void build() {
        Extent stemWidth = extent("stem.width", DecisionKind.WIDTH, space.stem().widths());
        Owner always = new Owner(Extent.FIXED, Extent.FIXED, 0);
        Extent stemKernel = extent("stem.kernel", DecisionKind.KERNEL, space.stem().kernels());
        stem = layer("stem", Type.CONVOLUTION, trunk, stemWidth, stemKernel, space.stem().stride(), always);
        moveTo(stemWidth, space.stem().stride());
        for (int stage = 0; stage < space.stages().size(); stage++) {
            stage("s" + (stage + 1), space.stages().get(stage));
        }
        if (head instanceof Head.Classifier classifier) {
            height = 1;
            width = 1;
            last = layer("classifier", Type.DENSE, trunk, Extent.fixed(classifier.classes()), Extent.fixed(1), 1,
                    always);
        } else if (head instanceof Head.Upscaler upscaler) {
            Extent kernel = extent("head.kernel", DecisionKind.KERNEL, space.headKernels());
            last = layer("head", Type.CONVOLUTION, trunk, Extent.fixed(upscaler.scale() * upscaler.scale()), kernel,
                    1, always);
        }
    }

    private void stage(String name, SearchSpace.Stage stage) {
        Extent out = extent(name + ".width", DecisionKind.WIDTH, stage.widths());
        for (int i = 0; i < stage.blocks(); i++) {
            block(name + "b" + (i + 1), stage, out, i == 0 ? stage.stride() : 1, i > 0);
            moveTo(out, i == 0 ? stage.stride() : 1);
        }
    }

    private void block(String name, SearchSpace.Stage stage, Extent out, int stride, boolean residual) {
        int depth = residual ? decide(name + ".depth", DecisionKind.DEPTH, 2) : Extent.FIXED;
        int count = stage.operators().size();
        int operator = count > 1 ? decide(name + ".operator", DecisionKind.OPERATOR, count) : Extent.FIXED;
        List<SearchOperator> operators = new ArrayList<>();
        for (int option = 0; option < count; option++) {
            Owner owner = new Owner(depth, operator, option);
            SearchSpace.Operator choice = stage.operators().get(option);
            String prefix = name + "." + label(stage, option);
            operators.add(new SearchOperator(choice.kind(), operatorLayers(prefix, choice, out, stride, owner)));
        }
        blocks.add(new SearchBlock(name, residual, out, depth, operator, operators));
    }

    /** The operator's kind, numbered where the stage has several of that kind. */
    private static String label(SearchSpace.Stage stage, int option) {
        OperatorKind kind = stage.operators().get(option).kind();
        long alike = stage.operators().stream().filter(other -> other.kind() == kind).count();
        return alike > 1 ? kind.label() + option : kind.label();
    }

    private List<SearchLayer> operatorLayers(
            String prefix, SearchSpace.Operator choice, Extent out, int stride, Owner owner) {
        Extent kernel = extent(prefix + ".kernel", DecisionKind.KERNEL, choice.kernels());
        Extent one = Extent.fixed(1);
        return switch (choice.kind()) {
            case DENSE -> List.of(layer(prefix, Type.CONVOLUTION, trunk, out, kernel, stride, owner));
            case SEPARABLE -> {
                SearchLayer depthwise =
                        layer(prefix + ".depthwise", Type.DEPTHWISE, trunk, trunk, kernel, stride, owner);
                yield List.of(depthwise, after(depthwise, prefix + ".pointwise", out, owner));
            }
            case INVERTED -> {
                List<Integer> hiddenWidths =
                        choice.expansions().stream().map(factor -> factor * trunk.largest()).toList();
                Extent hidden = extent(prefix + ".expansion", DecisionKind.EXPANSION, hiddenWidths);
                SearchLayer expand = layer(prefix + ".expand", Type.CONVOLUTION, trunk, hidden, one, 1, owner);
                SearchLayer depthwise =
                        layer(prefix + ".depthwise", Type.DEPTHWISE, hidden, hidden, kernel, stride, owner);
                yield List.of(expand, depthwise, after(depthwise, prefix + ".project", out, owner));
            }
        };
    }

    /** A 1x1 convolution of what {@code previous} makes. */
    private SearchLayer after(SearchLayer previous, String name, Extent out, Owner owner) {
        Shape map = previous.outputShape(1);
        return add(name, Type.CONVOLUTION, previous.out(), out, Extent.fixed(1), 1, map.height(), map.width(), owner);
    }

    private SearchLayer layer(
            String name, Type type, Extent in, Extent out, Extent kernel, int stride, Owner owner) {
        return add(name, type, in, out, kernel, stride, height, width, owner);
    }

    private SearchLayer add(
            String name, Type type, Extent in, Extent out, Extent kernel, int stride, int rows, int columns,
            Owner owner) {
        int bits = decide(name + ".bits", DecisionKind.BITS, space.weightBits().size());
        int sparsity = decide(name + ".sparsity", DecisionKind.SPARSITY, space.sparsities().size());
        SearchLayer layer = new SearchLayer(layers.size(), name, type, in, out, kernel, stride, rows, columns, bits,
                sparsity, owner.depth, owner.operator, owner.option);
        layers.add(layer);
        return layer;
    }

    private Extent extent(String name, DecisionKind kind, List<Integer> options) {
        return options.size() == 1
                ? Extent.fixed(options.get(0))
                : new Extent(decide(name, kind, options.size()), options);
    }

    private int decide(String name, DecisionKind kind, int options) {
        decisions.add(new Decision(decisions.size(), name, kind, options));
        return decisions.size() - 1;
    }

    private void moveTo(Extent out, int stride) {
        trunk = out;
        height = (height + stride - 1) / stride;
        width = (width + stride - 1) / stride;
    }

    /** The decisions on which the use of a layer depends. */
    private record Owner(int depth, int operator, int option) {}

    SearchSpace space() {
        return space;
    }

    Shape input() {
        return input;
    }

    Head head() {
        return head;
    }

    List<Decision> decisions() {
        return decisions;
    }

    List<SearchLayer> layers() {
        return layers;
    }

    List<SearchBlock> blocks() {
        return blocks;
    }

    SearchLayer stem() {
        return stem;
    }

    SearchLayer last() {
        return last;
    }
}

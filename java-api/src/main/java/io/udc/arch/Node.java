package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/**
 * One operation of a network. Every node makes one feature map, which other nodes name as their input by the
 * node's own name; {@link Architecture#INPUT} names the picture.
 *
 * <p>Windows are padded "same" as TFLite does it: the output extent is ceil(in / stride) and the padding is
 * max((out - 1) * stride + kernel - in, 0), of which the smaller half comes first.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "op")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Convolution.class, name = "conv"),
    @JsonSubTypes.Type(value = Depthwise.class, name = "depthwise"),
    @JsonSubTypes.Type(value = Dense.class, name = "dense"),
    @JsonSubTypes.Type(value = Add.class, name = "add"),
    @JsonSubTypes.Type(value = GlobalAveragePool.class, name = "globalAveragePool"),
    @JsonSubTypes.Type(value = DepthToSpace.class, name = "depthToSpace")
})
public sealed interface Node permits WeightedNode, Add, GlobalAveragePool, DepthToSpace {

    /** Unique within the network. */
    String name();

    /** Names of the nodes whose outputs this one reads, in order. */
    @JsonIgnore
    List<String> inputs();

    /**
     * The shape of the output.
     *
     * @param inputs shapes in the order of {@link #inputs()}
     * @throws IllegalArgumentException if the inputs do not fit this node
     */
    Shape outputShape(List<Shape> inputs);
}

/**
 * Data sets for classification and the loader that turns them into batches: files or drawings to 8-bit
 * planes, planes through an augmentation into a tensor, the tensor through a {@link
 * io.udc.data.Normalization} into the network.
 */
package io.udc.data;

/* The scalar kernels of the mvp build in C, loop for loop: what npm run bench:native compares it with. */
#ifndef MIDGE_KERNELS_H
#define MIDGE_KERNELS_H

#include <stdint.h>

/* One layer. Strides are in bytes; the output has no gaps. */
typedef struct {
  int32_t kind; /* 1 pointwise, 2 depthwise 3x3, 3 requantisation alone */
  int32_t height, width, channels; /* of the output */
  int32_t depth; /* input channels of a pointwise */
  int32_t input_height, row_stride, pixel_stride;
  int32_t first; /* offset of pixel 0 of row 0 in the input */
  int32_t pad; /* offset of a pixel that holds the zero point */
  int32_t pad_top, pad_left, stride_y, stride_x;
  int32_t zero_point, clamp_min, clamp_max;
} Layer;

/* Its constants, as they lie in a packed file. */
typedef struct {
  const int8_t *weights;
  const int32_t *biases;
  const int32_t *multipliers;
  const int8_t *shifts;
  const int8_t *zero_points; /* of the weights of each eight channels; NULL where there are none */
} Constants;

/* sums: a word for each pixel, for weights with a zero point. */
void pointwise(const Layer *layer, const Constants *constants, const uint8_t *input, int32_t *sums, uint8_t *output);
void depthwise_3x3(const Layer *layer, const Constants *constants, const uint8_t *input, uint8_t *output);
/* input: an accumulator for each output element. */
void requantise(const Layer *layer, const Constants *constants, const int32_t *input, uint8_t *output);

#endif

/* From assembly/fixed.ts, block.ts, matmul.ts, pointwise.ts and depthwise.ts: the same loops over the same layouts. */
#include "kernels.h"

static int32_t doubling_high_multiply(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

static int32_t multiply_by_multiplier(int32_t x, int32_t multiplier, int32_t shift) {
  if (shift <= 0) return doubling_high_multiply((int32_t)((uint32_t)x << -shift), multiplier);
  const int64_t first = (int64_t)x * multiplier + (1 << 30) + (int64_t)((uint64_t)(int64_t)(x >> 31) << 31);
  return (int32_t)(((first >> (30 + shift)) + 1) >> 1);
}

static int32_t clamp(int32_t x, int32_t low, int32_t high) {
  const int32_t above = x < low ? low : x;
  return above > high ? high : above;
}

static uint8_t requantise_channel(const Layer *layer, const Constants *constants, int32_t channel, int32_t sum) {
  const int32_t scaled = multiply_by_multiplier(sum, constants->multipliers[channel], constants->shifts[channel]);
  return (uint8_t)clamp(scaled + layer->zero_point, layer->clamp_min, layer->clamp_max);
}

static void sum_pixels(const Layer *layer, const uint8_t *input, int32_t *sums) {
  for (int32_t y = 0; y < layer->height; ++y) {
    const uint8_t *pixel = input + layer->first + y * layer->stride_y * layer->row_stride;
    for (int32_t x = 0; x < layer->width; ++x) {
      int32_t sum = 0;
      for (int32_t k = 0; k < layer->depth; ++k) sum += pixel[k];
      *sums++ = sum;
      pixel += layer->stride_x * layer->pixel_stride;
    }
  }
}

/* One block of eight channels; weights per block, per 4 of depth, per channel, 4. */
static void matmul(
    const Layer *layer, const Constants *constants, const uint8_t *input, const int32_t *sums, int32_t channel,
    int32_t count, uint8_t *output) {
  const int32_t groups = (layer->depth + 3) >> 2;
  const int8_t *block = constants->weights + (channel >> 3) * groups * 32;
  const int32_t *biases = constants->biases + channel;
  const int32_t stride = layer->stride_x * layer->pixel_stride;
  const int32_t gap = layer->stride_y * layer->row_stride - layer->width * stride;
  const int32_t zero_point = constants->zero_points ? constants->zero_points[channel >> 3] : 0;
  int32_t left = layer->width;
  const int32_t pixels = layer->height * layer->width;
  for (int32_t pixel = 0; pixel < pixels; ++pixel) {
    const int32_t correction = zero_point ? zero_point * sums[pixel] : 0;
    for (int32_t c = 0; c < count; ++c) {
      int32_t sum = biases[c] - correction;
      const uint8_t *x = input;
      const int8_t *w = block + c * 4;
      for (int32_t group = 0; group < groups; ++group) {
        sum += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
        x += 4;
        w += 32;
      }
      output[c] = requantise_channel(layer, constants, channel + c, sum);
    }
    input += stride;
    output += layer->channels;
    if (!--left) {
      left = layer->width;
      input += gap;
    }
  }
}

void pointwise(const Layer *layer, const Constants *constants, const uint8_t *input, int32_t *sums, uint8_t *output) {
  if (constants->zero_points) sum_pixels(layer, input, sums);
  for (int32_t channel = 0; channel < layer->channels; channel += 8) {
    const int32_t rest = layer->channels - channel;
    matmul(layer, constants, input + layer->first, sums, channel, rest < 8 ? rest : 8, output + channel);
  }
}

/* The address of each tap's pixel for output column 0, and what a column moves it: nothing on the pad pixel. */
typedef struct {
  const uint8_t *address;
  int32_t mask;
} Tap;

void depthwise_3x3(const Layer *layer, const Constants *constants, const uint8_t *input, uint8_t *output) {
  const int32_t channels = layer->channels;
  const int32_t weight_stride = (channels + 7) & ~7;
  const int32_t advance = layer->stride_x * layer->pixel_stride;
  for (int32_t y = 0; y < layer->height; ++y) {
    Tap taps[9];
    for (int32_t ky = 0; ky < 3; ++ky) {
      const int32_t input_y = y * layer->stride_y - layer->pad_top + ky;
      const int32_t outside = (uint32_t)input_y >= (uint32_t)layer->input_height;
      for (int32_t kx = 0; kx < 3; ++kx) {
        const int32_t inside = layer->first + input_y * layer->row_stride + (kx - layer->pad_left) * layer->pixel_stride;
        taps[ky * 3 + kx] = (Tap){input + (outside ? layer->pad : inside), outside ? 0 : -1};
      }
    }
    for (int32_t channel = 0; channel < channels; ++channel) {
      const int8_t *weights = constants->weights + channel;
      const int32_t zero_point = constants->zero_points ? constants->zero_points[channel >> 3] : 0;
      uint8_t *to = output + y * layer->width * channels + channel;
      int32_t columns = 0;
      for (int32_t x = 0; x < layer->width; ++x) {
        int32_t sum = constants->biases[channel];
        const int8_t *w = weights;
        for (int32_t t = 0; t < 9; ++t) {
          sum += taps[t].address[channel + (columns & taps[t].mask)] * (*w - zero_point);
          w += weight_stride;
        }
        *to = requantise_channel(layer, constants, channel, sum);
        to += channels;
        columns += advance;
      }
    }
  }
}

void requantise(const Layer *layer, const Constants *constants, const int32_t *input, uint8_t *output) {
  const int32_t pixels = layer->height * layer->width;
  for (int32_t pixel = 0; pixel < pixels; ++pixel) {
    for (int32_t c = 0; c < layer->channels; ++c) *output++ = requantise_channel(layer, constants, c, *input++);
  }
}

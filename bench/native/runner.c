/*
 * Reads layers from the file in argv[1] and answers bench/native/compare.js, a line of JSON for each of its:
 * {"call":"sample","argument":[LAYER,MILLISECONDS]} with the milliseconds of runs, {"call":"write","argument":[LAYER,0]} by
 * writing the layer's output to the file in argv[2]. Little-endian hosts.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernels.h"

enum { BLOBS = 6 }; /* input, weights, biases, multipliers, shifts, zero points */

typedef struct {
  Layer layer;
  int32_t bytes[BLOBS];
  void *blobs[BLOBS];
  int32_t *sums;
  uint8_t *output;
} Job;

static void fail(const char *reason) {
  fprintf(stderr, "%s\n", reason);
  exit(1);
}

static void *take(size_t bytes) {
  void *memory = calloc(bytes + 64, 1);
  if (!memory) fail("out of memory");
  return memory;
}

static void get(FILE *file, void *to, size_t bytes) {
  if (fread(to, 1, bytes, file) != bytes) fail("the file of layers is too short");
}

static void run(const Job *job) {
  const int8_t *zero_points = job->bytes[5] ? job->blobs[5] : NULL;
  const Constants constants = {job->blobs[1], job->blobs[2], job->blobs[3], job->blobs[4], zero_points};
  switch (job->layer.kind) {
    case 1: pointwise(&job->layer, &constants, job->blobs[0], job->sums, job->output); break;
    case 2: depthwise_3x3(&job->layer, &constants, job->blobs[0], job->output); break;
    default: requantise(&job->layer, &constants, job->blobs[0], job->output);
  }
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* Samples for a while; the first run does not count, and a sample lasts about 20 microseconds or more. */
static void sample(const Job *job, double milliseconds) {
  double start = now();
  run(job);
  const double once = now() - start;
  const int runs = once < 0.02 ? (int)(0.02 / (once > 1e-4 ? once : 1e-4)) + 1 : 1;
  const double until = now() + milliseconds;
  const char *comma = "";
  printf("{\"value\":[");
  do {
    start = now();
    for (int i = 0; i < runs; ++i) run(job);
    printf("%s%.6f", comma, (now() - start) / runs);
    comma = ",";
  } while (now() < until);
  printf("]}\n");
}

int main(int argc, char **argv) {
  FILE *file = argc > 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) fail("usage: runner LAYERS OUTPUT");
  int32_t count;
  get(file, &count, sizeof count);
  Job *jobs = take(count * sizeof *jobs);
  for (Job *job = jobs; job < jobs + count; ++job) {
    get(file, &job->layer, sizeof job->layer);
    get(file, job->bytes, sizeof job->bytes);
    for (int k = 0; k < BLOBS; ++k) get(file, job->blobs[k] = take(job->bytes[k]), job->bytes[k]);
    job->sums = take(4 * (size_t)job->layer.height * job->layer.width);
    job->output = take((size_t)job->layer.height * job->layer.width * job->layer.channels);
  }
  fclose(file);
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    char call[16];
    int index, milliseconds;
    if (sscanf(line, "{\"call\":\"%15[a-z]\",\"argument\":[%d,%d]}", call, &index, &milliseconds) != 3) fail(line);
    if (index < 0 || index >= count) fail("no such layer");
    const Job *job = jobs + index;
    if (call[0] == 's') {
      sample(job, milliseconds);
    } else {
      FILE *output = fopen(argv[2], "wb");
      if (!output) fail("cannot write the output");
      run(job);
      fwrite(job->output, 1, (size_t)job->layer.height * job->layer.width * job->layer.channels, output);
      fclose(output);
      printf("{\"value\":0}\n");
    }
    fflush(stdout);
  }
  return 0;
}

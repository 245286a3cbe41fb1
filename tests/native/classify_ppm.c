/* classify_ppm MODEL.udc PICTURE.ppm: the five likeliest classes of a picture, one a line: score, number, name. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <udc/udc.h>

enum { TOP = 5 };

typedef struct {
  uint32_t width;
  uint32_t height;
  uint8_t* rgb;
} picture;

static int fail(const char* place, const char* message) {
  fprintf(stderr, "classify_ppm: %s: %s\n", place, message);
  return 1;
}

/* The next number of a PPM's header, before which comments may stand; -1 if there is none. */
static long header_number(FILE* file) {
  int c = getc(file);
  while (isspace(c) || c == '#') {
    if (c == '#') {
      while (c != '\n' && c != EOF) {
        c = getc(file);
      }
    }
    c = getc(file);
  }
  long number = -1;
  for (; isdigit(c); c = getc(file)) {
    number = (number < 0 ? 0 : number) * 10 + (c - '0');
    if (number > 65535) {
      return -1;
    }
  }
  return number; /* the one white space behind it is read, too */
}

static int read_ppm(const char* path, picture* result) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    return fail(path, "cannot be opened");
  }
  const int binary = getc(file) == 'P' && getc(file) == '6';
  const long width = header_number(file);
  const long height = header_number(file);
  const long most = header_number(file);
  int status = 1;
  if (!binary || width < 1 || height < 1 || most != 255) {
    fail(path, "expected a binary PPM of 8-bit pixels");
  } else {
    const size_t bytes = (size_t)width * (size_t)height * 3;
    result->width = (uint32_t)width;
    result->height = (uint32_t)height;
    result->rgb = malloc(bytes);
    if (result->rgb == NULL || fread(result->rgb, 1, bytes, file) != bytes) {
      fail(path, "is cut short");
    } else {
      status = 0;
    }
  }
  fclose(file);
  return status;
}

static void print_top(const udc_model* model, const udc_model_info* info, int8_t* scores) {
  for (int rank = 0; rank < TOP && (uint32_t)rank < info->output.channels; ++rank) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < info->output.channels; ++i) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    char name[128] = "";
    size_t bytes = 0;
    if (info->class_count > 0) {
      udc_model_class_name(model, best, name, sizeof name, &bytes, NULL);
    }
    printf("%d %u %s\n", scores[best], (unsigned)best, name);
    scores[best] = -128;
  }
}

static int classify(const udc_model* model, const picture* image) {
  udc_error error;
  udc_model_info info;
  if (udc_model_describe(model, &info, &error) != UDC_OK) {
    return fail("model", error.message);
  }
  const udc_tensor* in = &info.input;
  if (in->channels != 3 || in->width != image->width || in->height != image->height || info.output.height != 1 ||
      info.output.width != 1) {
    fprintf(stderr, "classify_ppm: found a picture of %ux%u, expected a classifier's %ux%u with 3 channels\n",
            (unsigned)image->width, (unsigned)image->height, (unsigned)in->width, (unsigned)in->height);
    return 1;
  }
  udc_session* session = NULL;
  int8_t* scores = malloc(info.output.channels);
  int status = 1;
  if (scores == NULL) {
    fail("scores", "out of memory");
  } else if (udc_session_create(model, NULL, &session, &error) != UDC_OK ||
             udc_session_run_pixels(session, image->rgb, (size_t)image->width * image->height * 3,
                                    (size_t)image->width * 3, scores, info.output.channels, &error) != UDC_OK) {
    fail("session", error.message);
  } else {
    print_top(model, &info, scores);
    status = 0;
  }
  udc_session_destroy(session);
  free(scores);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fputs("usage: classify_ppm MODEL.udc PICTURE.ppm\n", stderr);
    return 2;
  }
  udc_error error;
  udc_model* model = NULL;
  if (udc_model_open_file(argv[1], NULL, &model, &error) != UDC_OK) {
    return fail("model", error.message);
  }
  picture image = {0, 0, NULL};
  int status = read_ppm(argv[2], &image);
  if (status == 0) {
    status = classify(model, &image);
  }
  free(image.rgb);
  udc_model_close(model);
  return status;
}

#pragma once

// A file descriptor held in reserve. When the process has run out of them, a waiting connection can
// be neither accepted nor refused and would keep the listening socket readable for ever. Giving the
// spare up for a moment lets it be accepted and closed at once.

namespace kavach::http {

class SpareDescriptor {
 public:
  SpareDescriptor();
  ~SpareDescriptor();
  SpareDescriptor(const SpareDescriptor&) = delete;
  SpareDescriptor& operator=(const SpareDescriptor&) = delete;

  /// Accepts one connection of this listening socket and closes it. False when even that failed.
  [[nodiscard]] bool shed_one(int listening_descriptor);

 private:
  void open();
  int descriptor_{-1};
};

}  // namespace kavach::http

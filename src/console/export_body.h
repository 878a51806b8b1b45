#pragma once

// An export as the body of a reply: read on a worker, piece by piece, while it is sent.

#include <atomic>
#include <memory>
#include <utility>

#include "audit/export_text.h"
#include "core/on_worker.h"
#include "core/worker_pool.h"
#include "http/message.h"

namespace kavach::console {

/// Exports that may run at once: each holds a connection and, now and then, a worker.
inline constexpr int kExportsMax = 4;

class ExportBody final : public http::BodySource {
 public:
  /// Null when `kExportsMax` are running. `workers` and `running` outlive it.
  [[nodiscard]] static std::shared_ptr<ExportBody> begin(WorkerPool& workers, std::atomic<int>& running,
                                                         std::unique_ptr<audit::Export> pieces) {
    std::shared_ptr<ExportBody> body{new ExportBody{workers, running, std::move(pieces)}};
    return body->place_ <= kExportsMax ? body : nullptr;
  }
  ~ExportBody() override { --running_; }
  ExportBody(const ExportBody&) = delete;
  ExportBody& operator=(const ExportBody&) = delete;

  Task<Result<std::string>> next(Executor& executor) override {
    return on_worker<std::string>(&workers_, &executor, [this] { return pieces_->next(); });
  }

 private:
  ExportBody(WorkerPool& workers, std::atomic<int>& running, std::unique_ptr<audit::Export> pieces)
      : workers_{workers}, running_{running}, place_{++running}, pieces_{std::move(pieces)} {}

  WorkerPool& workers_;
  std::atomic<int>& running_;
  const int place_;
  const std::unique_ptr<audit::Export> pieces_;
};

}  // namespace kavach::console

#pragma once

// A change that is written in somebody else's unit, so that both become durable together or neither does:
// a new password, and the end of the sessions that knew the old one. One service of this room makes it, the
// service whose change it belongs to takes it along. What it refers to must outlive the write; a unit may be
// run again, so `write` starts afresh each time.

#include <functional>
#include <utility>

#include "store/database.h"

namespace kavach::identity {

struct JoinedWrite {
  std::function<Result<void>(store::Transaction&)> write{};  ///< after the change itself; may be empty
  std::function<void()> applied{};                           ///< on the writer thread, once durable; may be empty
};

[[nodiscard]] inline JoinedWrite both(JoinedWrite first, JoinedWrite second) {
  return {.write = [one = std::move(first.write), two = std::move(second.write)](
                       store::Transaction& transaction) -> Result<void> {
            if (one) {
              if (auto written = one(transaction); !written) return written;
            }
            return two ? two(transaction) : Result<void>{};
          },
          .applied =
              [one = std::move(first.applied), two = std::move(second.applied)] {
                if (one) one();
                if (two) two();
              }};
}

}  // namespace kavach::identity

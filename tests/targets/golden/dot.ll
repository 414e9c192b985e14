; ModuleID = "dot"
target triple = "unknown-unknown-unknown"
target datalayout = ""

define i64 @"online"(ptr noalias %"user", ptr noalias %"ids userId", ptr noalias %"item", ptr noalias %"ids itemId", ptr noalias %"the target", float %"the rate", ptr noalias %"the runs", i64 %"the n_runs", ptr noalias %"the losses")
{
entry:
  %".11" = alloca [4144 x i32]
  %".12" = icmp slt i64 0, %"the n_runs"
  %".28" = alloca double
  br i1 %".12", label %"each.run", label %"after.run"
each.run:
  %"run" = phi  i64 [0, %"entry"], [%".128", %"after.j"]
  %".14" = mul i64 %"run", 5
  %".15" = getelementptr inbounds i64, ptr %"the runs", i64 %".14"
  %".16" = load i64, ptr %".15", align 8
  %".17" = getelementptr inbounds i64, ptr %".15", i64 1
  %".18" = load i64, ptr %".17", align 8
  %".19" = getelementptr inbounds i64, ptr %".15", i64 2
  %".20" = load i64, ptr %".19", align 8
  %".21" = getelementptr inbounds i64, ptr %".15", i64 3
  %".22" = load i64, ptr %".21", align 8
  %".23" = getelementptr inbounds i64, ptr %".15", i64 4
  %".24" = load i64, ptr %".23", align 8
  %".25" = add i64 %".20", 32
  %".26" = trunc i64 %".24" to i32
  call void @"shuffle"(ptr %".11", i64 %".16", i64 %".18", i64 %".25", i64 %".22", i32 %".26")
  store double              0x0, ptr %".28"
  %".30" = icmp slt i64 0, %".20"
  br i1 %".30", label %"each.j", label %"after.j"
each.j:
  %"j" = phi  i64 [0, %"each.run"], [%".122", %"each.j.endif"]
  %".32" = add i64 %"j", 32
  %".33" = getelementptr inbounds i32, ptr %".11", i64 %".32"
  %".34" = load i32, ptr %".33", align 4
  %".35" = zext i32 %".34" to i64
  ; what the columns hold 32 examples ahead
  %".37" = getelementptr inbounds float, ptr %"ids userId", i64 %".35"
  call void @"llvm.prefetch.p0"(ptr %".37", i32 1, i32 3, i32 1)
  %".39" = getelementptr inbounds float, ptr %"ids itemId", i64 %".35"
  call void @"llvm.prefetch.p0"(ptr %".39", i32 1, i32 3, i32 1)
  %".41" = getelementptr inbounds float, ptr %"the target", i64 %".35"
  call void @"llvm.prefetch.p0"(ptr %".41", i32 1, i32 3, i32 1)
  %".43" = add i64 %"j", 16
  %".44" = getelementptr inbounds i32, ptr %".11", i64 %".43"
  %".45" = load i32, ptr %".44", align 4
  %".46" = zext i32 %".45" to i64
  ; rows 16 examples ahead
  %".48" = getelementptr inbounds i32, ptr %"ids userId", i64 %".46"
  %".49" = load i32, ptr %".48", align 4
  %"row of user" = zext i32 %".49" to i64
  %".50" = mul i64 %"row of user", 4
  %".51" = getelementptr inbounds float, ptr %"user", i64 %".50"
  call void @"llvm.prefetch.p0"(ptr %".51", i32 1, i32 3, i32 1)
  %".53" = getelementptr inbounds i32, ptr %".51", i64 3
  call void @"llvm.prefetch.p0"(ptr %".53", i32 1, i32 3, i32 1)
  %".55" = getelementptr inbounds i32, ptr %"ids itemId", i64 %".46"
  %".56" = load i32, ptr %".55", align 4
  %"row of item" = zext i32 %".56" to i64
  %".57" = mul i64 %"row of item", 4
  %".58" = getelementptr inbounds float, ptr %"item", i64 %".57"
  call void @"llvm.prefetch.p0"(ptr %".58", i32 1, i32 3, i32 1)
  %".60" = getelementptr inbounds i32, ptr %".58", i64 3
  call void @"llvm.prefetch.p0"(ptr %".60", i32 1, i32 3, i32 1)
  ; this example
  %".63" = getelementptr inbounds i32, ptr %".11", i64 %"j"
  %".64" = load i32, ptr %".63", align 4
  %".65" = zext i32 %".64" to i64
  %".66" = getelementptr inbounds i32, ptr %"ids userId", i64 %".65"
  %".67" = load i32, ptr %".66", align 4
  %"row of user.1" = zext i32 %".67" to i64
  %".68" = mul i64 %"row of user.1", 4
  %".69" = getelementptr inbounds float, ptr %"user", i64 %".68"
  %"user.1" = load <4 x float>, ptr %".69", align 4
  %".70" = getelementptr inbounds i32, ptr %"ids itemId", i64 %".65"
  %".71" = load i32, ptr %".70", align 4
  %"row of item.1" = zext i32 %".71" to i64
  %".72" = mul i64 %"row of item.1", 4
  %".73" = getelementptr inbounds float, ptr %"item", i64 %".72"
  %"item.1" = load <4 x float>, ptr %".73", align 4
  %".74" = getelementptr inbounds float, ptr %"the target", i64 %".65"
  %"target" = load float, ptr %".74", align 4
  ; %1 = dot_general dimension_numbers=(((0,),(0,)),((),())) user item   test_llvm_kernel.py
  %".76" = fmul contract reassoc nsz arcp <4 x float> %"user.1", %"item.1"
  %"1" = call arcp contract nsz reassoc float @"llvm.vector.reduce.fadd.v4f32"(float              0x0, <4 x float> %".76")
  ; %2 = sub %1 target   rowwise/models/losses.py
  %"2" = fsub contract reassoc nsz arcp float %"1", %"target"
  ; %3 = integer_pow y=2 %2   rowwise/models/losses.py
  %"3" = fmul contract reassoc nsz arcp float %"2", %"2"
  ; %4 = mul 2 %2   rowwise/models/losses.py
  %"4" = fmul contract reassoc nsz arcp float 0x4000000000000000, %"2"
  ; %5 = dot_general dimension_numbers=(((),()),((),())) %4 user   test_llvm_kernel.py
  %".85" = insertelement <4 x float> poison, float %"4", i32 0
  %".86" = shufflevector <4 x float> %".85", <4 x float> poison, <4 x i32> zeroinitializer
  %"5" = fmul contract reassoc nsz arcp <4 x float> %".86", %"user.1"
  ; %6 = dot_general dimension_numbers=(((),()),((),())) %4 item   test_llvm_kernel.py
  %".89" = insertelement <4 x float> poison, float %"4", i32 0
  %".90" = shufflevector <4 x float> %".89", <4 x float> poison, <4 x i32> zeroinitializer
  %"6" = fmul contract reassoc nsz arcp <4 x float> %".90", %"item.1"
  %".92" = mul i64 %"row of user.1", 4
  %".93" = getelementptr inbounds float, ptr %"user", i64 %".92"
  ; %7 = neg user.learning_rate   transform.py
  %"7" = fneg contract reassoc nsz arcp float %"the rate"
  ; %8 = mul %7 user.gradient   transform.py
  %".97" = insertelement <4 x float> poison, float %"7", i32 0
  %".98" = shufflevector <4 x float> %".97", <4 x float> poison, <4 x i32> zeroinitializer
  %"8" = fmul contract reassoc nsz arcp <4 x float> %".98", %"6"
  ; %9 = add user.row %8   update.py
  %"9" = fadd contract reassoc nsz arcp <4 x float> %"user.1", %"8"
  %".102" = mul i64 %"row of item.1", 4
  %".103" = getelementptr inbounds float, ptr %"item", i64 %".102"
  ; %10 = neg item.learning_rate   transform.py
  %"10" = fneg contract reassoc nsz arcp float %"the rate"
  ; %11 = mul %10 item.gradient   transform.py
  %".107" = insertelement <4 x float> poison, float %"10", i32 0
  %".108" = shufflevector <4 x float> %".107", <4 x float> poison, <4 x i32> zeroinitializer
  %"11" = fmul contract reassoc nsz arcp <4 x float> %".108", %"5"
  ; %12 = add item.row %11   update.py
  %"12" = fadd contract reassoc nsz arcp <4 x float> %"item.1", %"11"
  store <4 x float> %"9", ptr %".93", align 4
  store <4 x float> %"12", ptr %".103", align 4
  %".114" = call float @"llvm.fabs.f32"(float %"3")
  %".115" = fcmp uge float %".114", 0x7ff0000000000000
  br i1 %".115", label %"each.j.if", label %"each.j.endif", !prof !0
each.j.if:
  ret i64 %".65"
each.j.endif:
  %".118" = fpext float %"3" to double
  %".119" = load double, ptr %".28"
  %".120" = fadd double %".119", %".118"
  store double %".120", ptr %".28"
  %".122" = add i64 %"j", 1
  %".123" = icmp slt i64 %".122", %".20"
  br i1 %".123", label %"each.j", label %"after.j"
after.j:
  %".125" = load double, ptr %".28"
  %".126" = getelementptr inbounds double, ptr %"the losses", i64 %"run"
  store double %".125", ptr %".126", align 8
  %".128" = add i64 %"run", 1
  %".129" = icmp slt i64 %".128", %"the n_runs"
  br i1 %".129", label %"each.run", label %"after.run"
after.run:
  ret i64 -1
}



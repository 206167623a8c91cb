/**
 * The NVIDIA GPU instance types of EC2, one a line. `gpus` is what EC2 counts: 0 where the type has
 * a fraction of a GPU (g6f, gr6f). `maxPods` is the kubelet's limit with the VPC CNI's defaults.
 *
 * Source: Karpenter's instance type reference of 2026-07-11; for g2, g3, p2 and p3, which it lacks,
 * EC2 DescribeInstanceTypes and the EKS AMI's `eni-max-pods.txt` of 2023-01-25.
 */
export const INSTANCE_TYPES = `
instanceType      vCPUs  memoryMiB  gpus  gpuModel             arch   maxPods
g2.2xlarge        8      15360      1     k520                 amd64  58
g2.8xlarge        32     61440      4     k520                 amd64  234
g3.4xlarge        16     124928     1     m60                  amd64  234
g3.8xlarge        32     249856     2     m60                  amd64  234
g3.16xlarge       64     499712     4     m60                  amd64  737
g3s.xlarge        4      31232      1     m60                  amd64  58
g4dn.xlarge       4      16384      1     t4                   amd64  29
g4dn.2xlarge      8      32768      1     t4                   amd64  29
g4dn.4xlarge      16     65536      1     t4                   amd64  29
g4dn.8xlarge      32     131072     1     t4                   amd64  58
g4dn.12xlarge     48     196608     4     t4                   amd64  234
g4dn.16xlarge     64     262144     1     t4                   amd64  58
g4dn.metal        96     393216     8     t4                   amd64  737
g5.xlarge         4      16384      1     a10g                 amd64  58
g5.2xlarge        8      32768      1     a10g                 amd64  58
g5.4xlarge        16     65536      1     a10g                 amd64  234
g5.8xlarge        32     131072     1     a10g                 amd64  234
g5.12xlarge       48     196608     4     a10g                 amd64  737
g5.16xlarge       64     262144     1     a10g                 amd64  234
g5.24xlarge       96     393216     4     a10g                 amd64  737
g5.48xlarge       192    786432     8     a10g                 amd64  345
g5g.xlarge        4      8192       1     t4g                  arm64  58
g5g.2xlarge       8      16384      1     t4g                  arm64  58
g5g.4xlarge       16     32768      1     t4g                  arm64  234
g5g.8xlarge       32     65536      1     t4g                  arm64  234
g5g.16xlarge      64     131072     2     t4g                  arm64  737
g5g.metal         64     131072     2     t4g                  arm64  737
g6.xlarge         4      16384      1     l4                   amd64  58
g6.2xlarge        8      32768      1     l4                   amd64  58
g6.4xlarge        16     65536      1     l4                   amd64  234
g6.8xlarge        32     131072     1     l4                   amd64  234
g6.12xlarge       48     196608     4     l4                   amd64  234
g6.16xlarge       64     262144     1     l4                   amd64  737
g6.24xlarge       96     393216     4     l4                   amd64  737
g6.48xlarge       192    786432     8     l4                   amd64  737
g6e.xlarge        4      32768      1     l40s                 amd64  58
g6e.2xlarge       8      65536      1     l40s                 amd64  58
g6e.4xlarge       16     131072     1     l40s                 amd64  234
g6e.8xlarge       32     262144     1     l40s                 amd64  234
g6e.12xlarge      48     393216     4     l40s                 amd64  292
g6e.16xlarge      64     524288     1     l40s                 amd64  737
g6e.24xlarge      96     786432     4     l40s                 amd64  492
g6e.48xlarge      192    1572864    8     l40s                 amd64  492
g6f.large         2      8192       0     l4                   amd64  20
g6f.xlarge        4      16384      0     l4                   amd64  58
g6f.2xlarge       8      32768      0     l4                   amd64  58
g6f.4xlarge       16     65536      0     l4                   amd64  234
g7.2xlarge        8      32768      1     rtx-pro-4500         amd64  254
g7.4xlarge        16     65536      1     rtx-pro-4500         amd64  506
g7.8xlarge        32     131072     1     rtx-pro-4500         amd64  632
g7.12xlarge       48     196608     2     rtx-pro-4500         amd64  758
g7.24xlarge       96     393216     4     rtx-pro-4500         amd64  1514
g7.48xlarge       192    786432     8     rtx-pro-4500         amd64  758
g7e.2xlarge       8      65536      1     rtx-pro-server-6000  amd64  254
g7e.4xlarge       16     131072     1     rtx-pro-server-6000  amd64  506
g7e.8xlarge       32     262144     1     rtx-pro-server-6000  amd64  506
g7e.12xlarge      48     524288     2     rtx-pro-server-6000  amd64  632
g7e.24xlarge      96     1048576    4     rtx-pro-server-6000  amd64  632
g7e.48xlarge      192    2097152    8     rtx-pro-server-6000  amd64  632
gr6.4xlarge       16     131072     1     l4                   amd64  234
gr6.8xlarge       32     262144     1     l4                   amd64  234
gr6f.4xlarge      16     131072     0     l4                   amd64  234
p2.xlarge         4      62464      1     k80                  amd64  58
p2.8xlarge        32     499712     8     k80                  amd64  234
p2.16xlarge       64     749568     16    k80                  amd64  234
p3.2xlarge        8      62464      1     v100                 amd64  58
p3.8xlarge        32     249856     4     v100                 amd64  234
p3.16xlarge       64     499712     8     v100                 amd64  234
p3dn.24xlarge     96     786432     8     v100                 amd64  737
p4d.24xlarge      96     1179648    8     a100                 amd64  737
p4de.24xlarge     96     1179648    8     a100                 amd64  737
p5.4xlarge        16     262144     1     h100                 amd64  118
p5.48xlarge       192    2097152    8     h100                 amd64  100
p5e.48xlarge      192    2097152    8     h200                 amd64  100
p5en.48xlarge     192    2097152    8     h200                 amd64  198
p6-b200.48xlarge  192    2097152    8     b200                 amd64  198
p6-b300.48xlarge  192    4194304    8     b300                 amd64  198
`;
